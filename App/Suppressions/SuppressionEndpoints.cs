using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Suppressions;

/// <param name="Reason">manual, the only one that is said and not found out.</param>
public sealed record SuppressionBody(string? Email = null, string? Reason = null, string? Note = null);

/// <param name="Note">Why mail may go out again; required where the person complained or unsubscribed.</param>
public sealed record LiftBody(string? Note = null);

public sealed record CheckBody(IReadOnlyList<string?>? Emails = null);

public sealed record SuppressionImportAnswer(string JobId);

/// <param name="Suppressed">Those asked about that may not be mailed, as they were written.</param>
public sealed record CheckAnswer(IReadOnlyList<SuppressedAddress> Suppressed, IReadOnlyList<InvalidAddress> Invalid);

public sealed record SuppressedAddress(string Email, string Reason);

/// <param name="Index">From 0.</param>
public sealed record InvalidAddress(int Index, string Error);

/// <summary>The suppression list for programs.</summary>
public static class SuppressionEndpoints
{
    public const int MaxChecked = 10_000;

    // 10,000 addresses of the longest kind, with their quotes.
    private const int MaxCheckBody = 4 * 1024 * 1024;

    public static void MapSuppressions(this IEndpointRouteBuilder routes)
    {
        var suppressions = routes.MapGroup("/api/v1/suppressions").WithTags("Suppressions");
        suppressions.MapGet("", ListAsync).RequireScope(Scopes.SuppressionRead).WithSummary("Addresses that may not be mailed, newest first")
            .WithDescription("Filters: reason, source, from and to (a day, or a time with offset), q (part of an address). With count=true how many fit.");
        suppressions.MapPost("", Add).RequireScope(Scopes.SuppressionWrite).WithSummary("Put an address on the list")
            .WithDescription("201 for a new entry. 200 for an address that is on the list already: it keeps the graver reason.");
        suppressions.MapGet("/{email}", GetAsync).RequireScope(Scopes.SuppressionRead).WithSummary("One address");
        suppressions.MapDelete("/{email}", LiftAsync).RequireScope(Scopes.Admin).WithSummary("Take an address off the list")
            .WithDescription("The note, in the body or as ?note=, is required where the person complained or unsubscribed.");
        suppressions.MapPost("/check", CheckAsync).RequireScope(Scopes.SuppressionRead).WithSummary("Which of up to 10,000 addresses are suppressed")
            .WithMetadata(new RequestSizeLimitAttribute(MaxCheckBody));
        suppressions.MapPost("/import", ImportAsync).RequireScope(Scopes.SuppressionWrite).WithSummary("Put the addresses of a CSV file on the list, as a job")
            .WithDescription("Its first line names the columns: email, and note or reason where wanted. No import takes anybody off the list.")
            .WithMetadata(new RequestSizeLimitAttribute(ImportFiles.MaxFile + (64 * 1024)));
        routes.MapSuppressionFiles();
    }

    private static async Task<Results<Accepted<One<SuppressionImportAnswer>>, ProblemHttpResult>> ImportAsync(
        HttpRequest request, SuppressionImport import, CancellationToken cancellationToken)
    {
        try
        {
            if (await UploadedFile.OpenAsync(request, cancellationToken) is not { } file)
            {
                return Problems.Invalid("file", "required: one part of multipart/form-data with a file name");
            }

            var (job, error) = await import.StartAsync(file, cancellationToken);
            return job is null ? Problems.Invalid("file", error) : TypedResults.Accepted((string?)null, Answers.Data(new SuppressionImportAnswer(PublicId.Job(job.Id))));
        }
        catch (Exception exception) when (exception is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            return Problems.BadRequest("file", "the multipart body is broken");
        }
    }

    private static async Task<Results<Ok<Listing<SuppressionAnswer>>, ProblemHttpResult>> ListAsync(
        string? reason, string? source, string? from, string? to, string? q, bool? count, int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var errors = new Dictionary<string, string[]>();
        var filter = SuppressionFilter.Read(reason, source, from, to, q, await SuppressionExport.ZoneAsync(db, cancellationToken), errors);
        if (errors.Count == 0 && !SuppressionsQuery.IsCursor(filter, cursor))
        {
            errors["cursor"] = ["not a cursor of this list"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var page = await SuppressionsQuery.RunAsync(db, filter, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<SuppressionAnswer>(
            [.. page.Rows.Select(SuppressionAnswer.Of)], page.Next, count == true ? await SuppressionsQuery.CountAsync(db, filter, int.MaxValue, cancellationToken) : null));
    }

    private static async Task<Results<Ok<One<SuppressionAnswer>>, Created<One<SuppressionAnswer>>, ProblemHttpResult>> Add(
        SuppressionBody body, SuppressionList list, ScoreDb db, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        if (!EmailAddress.TryParse(body.Email, out var email))
        {
            errors["email"] = [body.Email is null ? "required" : "is not an email address"];
        }

        if (body.Reason is not (null or SuppressionReason.Manual))
        {
            errors["reason"] = ["must be manual: the other reasons come from what happens to mail"];
        }

        var note = body.Note?.Trim() ?? "";
        if (SuppressionList.NoteError(note) is { } wrong)
        {
            errors["note"] = [wrong];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var added = list.Add(email.Value, SuppressionSource.Api, note);
        var answer = Answers.Data(SuppressionAnswer.Of((await FindAsync(email.Value, db, cancellationToken))!));
        return added ? TypedResults.Created($"/api/v1/suppressions/{Uri.EscapeDataString(email.Value)}", answer) : TypedResults.Ok(answer);
    }

    private static async Task<Results<Ok<One<SuppressionAnswer>>, ProblemHttpResult>> GetAsync(string email, ScoreDb db, CancellationToken cancellationToken) =>
        Address(email) is { } address && await FindAsync(address, db, cancellationToken) is { } listed
            ? TypedResults.Ok(Answers.Data(SuppressionAnswer.Of(listed)))
            : Problems.NotFound("suppression");

    private static Results<NoContent, ProblemHttpResult> LiftAsync(
        string email, string? note, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] LiftBody? body, SuppressionList list, ClaimsPrincipal caller)
    {
        var why = (body?.Note ?? note)?.Trim() ?? "";
        if (SuppressionList.NoteError(why) is { } wrong)
        {
            return Problems.Invalid("note", wrong);
        }

        if (Address(email) is not { } address)
        {
            return Problems.NotFound("suppression");
        }

        return list.Lift(address, why, ApiKeys.IdOf(caller) is { } key ? PublicId.ApiKey(key) : "api") switch
        {
            LiftOutcome.Lifted => TypedResults.NoContent(),
            LiftOutcome.NoteMissing => Problems.Invalid("note", "required: the person complained or unsubscribed"),
            _ => Problems.NotFound("suppression"),
        };
    }

    private static async Task<Results<Ok<One<CheckAnswer>>, ProblemHttpResult>> CheckAsync(CheckBody body, SuppressionCheck check, CancellationToken cancellationToken)
    {
        if (body.Emails is not { Count: > 0 and <= MaxChecked })
        {
            return Problems.Invalid("emails", $"must be 1 to {MaxChecked}");
        }

        var invalid = new List<InvalidAddress>();
        var asked = new List<(string Written, string Email)>(body.Emails.Count);
        for (var i = 0; i < body.Emails.Count; i++)
        {
            if (EmailAddress.TryParse(body.Emails[i], out var email))
            {
                asked.Add((body.Emails[i]!, email.Value));
            }
            else
            {
                invalid.Add(new InvalidAddress(i, "email"));
            }
        }

        var reasons = await check.ReasonsAsync([.. asked.Select(address => address.Email).Distinct(StringComparer.OrdinalIgnoreCase)], cancellationToken);
        return TypedResults.Ok(Answers.Data(new CheckAnswer(
            [.. asked.Where(address => reasons.ContainsKey(address.Email)).Select(address => new SuppressedAddress(address.Written, reasons[address.Email]))], invalid)));
    }

    // A slash inside a local part stays escaped in the path.
    private static string? Address(string path) => EmailAddress.TryParse(path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), out var email) ? email.Value : null;

    private static Task<Suppression?> FindAsync(string email, ScoreDb db, CancellationToken cancellationToken) =>
        db.Suppressions.AsNoTracking().FirstOrDefaultAsync(s => s.Email == email, cancellationToken);
}
