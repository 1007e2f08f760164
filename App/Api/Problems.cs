using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Data.Sqlite;

namespace ScoreTracking.Api;

/// <summary>Errors as problem+json: 400 syntax or unknown member, 404, 409 state, 422 meaning, 503 with Retry-After.</summary>
public static class Problems
{
    public static ProblemHttpResult NotFound(string what) =>
        TypedResults.Problem(statusCode: 404, title: "Not found", detail: $"There is no such {what}.");

    /// <summary>The state forbids it.</summary>
    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(statusCode: 409, title: "Not possible in this state", detail: detail);

    /// <summary>The state forbids it, with the reasons by the path of what they concern.</summary>
    public static ProblemHttpResult Conflict(string title, Dictionary<string, string[]> errors) => WithErrors(409, title, errors);

    /// <summary>Well-formed, but the server cannot read it that way: a value of a wrong kind.</summary>
    public static ProblemHttpResult BadRequest(string field, string error) => BadRequest(new() { [field] = [error] });

    /// <inheritdoc cref="BadRequest(string, string)"/>
    public static ProblemHttpResult BadRequest(Dictionary<string, string[]> errors) => WithErrors(400, "The request could not be read", errors);

    /// <summary>Readable, but it does not make sense.</summary>
    public static ProblemHttpResult Invalid(string field, string error) => Invalid(new() { [field] = [error] });

    public static ProblemHttpResult Invalid(Dictionary<string, string[]> errors) => WithErrors(422, "The request does not make sense", errors);

    /// <summary>Temporary trouble: the caller keeps its data and tries again.</summary>
    public static ProblemHttpResult Unavailable(HttpContext context, string detail)
    {
        context.Response.Headers.RetryAfter = "30";
        return TypedResults.Problem(statusCode: 503, title: "Please retry", detail: detail);
    }

    /// <summary>Turns what the framework throws on unreadable requests into problem+json with the field at fault.</summary>
    public static void UseProblems(this IApplicationBuilder app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        ExceptionHandler = AnswerAsync,

        // A caller's mistake is told to the caller; the log is for ours.
        SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException or JsonException,
    });

    private static async Task AnswerAsync(HttpContext context)
    {
        var thrown = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var problem = thrown switch
        {
            BadHttpRequestException { StatusCode: 413 } => WithErrors(413, "The request is too large", []),
            BadHttpRequestException bad when Json(bad) is { } json => WithErrors(400, "The request could not be read", Errors(json)),
            JsonException json => WithErrors(400, "The request could not be read", Errors(json)),
            BadHttpRequestException bad => TypedResults.Problem(statusCode: bad.StatusCode, title: "The request could not be read", detail: bad.Message),
            _ when thrown is not null && IsBusy(thrown) => Unavailable(context, "The database is busy or its disk is full."),
            _ => TypedResults.Problem(statusCode: 500, title: "Something went wrong here", detail: "The error is in the server's log."),
        };
        await problem.ExecuteAsync(context);
    }

    // 5 and 6: somebody held the write lock for longer than we wait; 13: the disk is full.
    private static bool IsBusy(Exception thrown) => thrown is SqliteException { SqliteErrorCode: 5 or 6 or 13 } || (thrown.InnerException is { } inner && IsBusy(inner));

    private static JsonException? Json(Exception thrown) => thrown as JsonException ?? (thrown.InnerException is { } inner ? Json(inner) : null);

    private static Dictionary<string, string[]> Errors(JsonException json)
    {
        var path = json.Path is { Length: > 2 } at && at.StartsWith("$.", StringComparison.Ordinal) ? at[2..] : json.Path ?? "$";
        var message = json.Message.Contains("could not be mapped", StringComparison.Ordinal) ? "unknown member"
            : json.Message.Contains("missing required", StringComparison.Ordinal) ? "required members are missing"
            : json.Message.Contains("could not be converted", StringComparison.Ordinal) ? "wrong type"
            : "not valid JSON";
        return new() { [path] = [message] };
    }

    private static ProblemHttpResult WithErrors(int status, string title, Dictionary<string, string[]> errors)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = title,
            Detail = string.Join("; ", errors.Select(error => $"{error.Key}: {string.Join(", ", error.Value)}")),
        };
        if (errors.Count > 0)
        {
            problem.Extensions["errors"] = errors;
        }

        return TypedResults.Problem(problem);
    }
}
