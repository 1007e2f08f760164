using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Api;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>POST /webhooks/{provider}/{connection}: HTTP around <see cref="WebhookReceiver"/>. A forgery is 401; temporary trouble is 503, which every ESP retries, never a false 200.</summary>
internal sealed class WebhookEndpoints(KnownConnections connections, WebhookReceiver receiver)
{
    /// <summary>What an ESP may send in one request, in bytes.</summary>
    public const int MaxBody = 5 * 1024 * 1024;

    /// <summary>A raw mail with attachments, in bytes.</summary>
    public const int MaxMail = 30 * 1024 * 1024;

    private static readonly string[] s_methods = [HttpMethods.Post, HttpMethods.Get, HttpMethods.Head];

    internal sealed record Receipt(int Received, int Ignored);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<WebhookEndpoints>();
        routes.MapMethods("/webhooks/inbound/{slug}", s_methods, (HttpContext context, string slug, CancellationToken token) => endpoints.ReceiveAsync(context, InboundWebhook.Name, slug, token))
            .AllowAnonymous().DisableAntiforgery().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MaxMail));
        routes.MapMethods("/webhooks/{provider}/{slug}", s_methods, (HttpContext context, string provider, string slug, CancellationToken token) => endpoints.ReceiveAsync(context, provider, slug, token))
            .AllowAnonymous().DisableAntiforgery().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MaxBody));
    }

    private async Task<IResult> ReceiveAsync(HttpContext context, string provider, string slug, CancellationToken cancellationToken)
    {
        if (await connections.FindAsync(slug, cancellationToken) is not { Enabled: true } connection || connection.Provider != provider || !receiver.Knows(provider))
        {
            return Problems.NotFound("webhook");
        }

        var request = await ReadAsync(context.Request, cancellationToken);
        return await receiver.ReceiveAsync(connection, request, context.Connection.RemoteIpAddress?.ToString() ?? "", cancellationToken) switch
        {
            WebhookOutcome.Accepted { Answer: { } answer } => TypedResults.Text(answer, "application/json"),
            WebhookOutcome.Accepted accepted => TypedResults.Ok(new Receipt(accepted.Received, accepted.Ignored)),
            WebhookOutcome.Refused refused => Refuse(context, refused),
            WebhookOutcome.Unavailable unavailable => Unavailable(context, provider, unavailable.Detail),
            var other => throw new InvalidOperationException($"No answer for {other}."),
        };
    }

    private static async Task<WebhookRequest> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in request.Headers)
        {
            headers[name] = value.ToString();
        }

        return new WebhookRequest(request.Method, headers, body.ToArray());
    }

    private static ProblemHttpResult Refuse(HttpContext context, WebhookOutcome.Refused refused)
    {
        if (refused.Challenge)
        {
            // SNS sends its credentials only after this challenge.
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"ScoreTracking\", charset=\"UTF-8\"";
        }

        return TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Not accepted", detail: refused.Reason);
    }

    private static ProblemHttpResult Unavailable(HttpContext context, string provider, string detail)
    {
        if (provider != "brevo")
        {
            return Problems.Unavailable(context, detail);
        }

        // The one failure Brevo retries by every version of its documentation.
        context.Response.Headers.RetryAfter = "30";
        return TypedResults.Problem(statusCode: StatusCodes.Status429TooManyRequests, title: "Please retry", detail: detail);
    }
}
