using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Webhooks;

/// <summary>
/// POST /webhooks/{provider}/{connection}: raw bytes first, then who sent them, then what they say, then the disk, then 200.
/// A forgery is 401 and changes nothing; temporary trouble is 503, which every ESP retries, never a false 200.
/// </summary>
internal sealed partial class WebhookEndpoints(
    IEnumerable<IEspWebhook> adapters,
    Connections connections,
    RejectedWebhooks rejected,
    SignedOnce signedOnce,
    SnsCertificates certificates,
    InboundEvents inbound,
    EventIntake intake,
    TimeProvider time,
    ILogger<WebhookEndpoints> logger)
{
    /// <summary>What an ESP may send in one request, in bytes.</summary>
    public const int MaxBody = 5 * 1024 * 1024;

    /// <summary>A raw mail with attachments, in bytes.</summary>
    public const int MaxMail = 30 * 1024 * 1024;

    private static readonly string[] s_methods = [HttpMethods.Post, HttpMethods.Get, HttpMethods.Head];

    private readonly Dictionary<string, IEspWebhook> _adapters = adapters.ToDictionary(adapter => adapter.Provider, StringComparer.Ordinal);

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
        if (await connections.FindAsync(slug, cancellationToken) is not { Enabled: true } connection
            || connection.Provider != provider || !_adapters.TryGetValue(provider, out var adapter))
        {
            return Problems.NotFound("webhook");
        }

        var request = await ReadAsync(context.Request, cancellationToken);
        if (connection.Basic is { } basic && !Connections.HasBasicAuth(basic, request.Header("Authorization")))
        {
            // SNS sends its credentials only after this challenge.
            return Refuse(context, connection, "User name or password are missing or wrong.", challenge: true);
        }

        var now = time.GetUtcNow();
        var (genuine, unavailable) = await AuthenticateAsync(adapter, request, connection.Esp, now, cancellationToken);
        if (unavailable)
        {
            return Unavailable(context, provider, "The sender's certificate could not be fetched.");
        }

        if (genuine.Kind != AuthenticityKind.Genuine)
        {
            return Refuse(context, connection, genuine.Reason, challenge: genuine.Kind == AuthenticityKind.Missing);
        }

        try
        {
            var reading = adapter.Read(request, connection.Esp, now);
            if (reading.ReplayToken is { } token && signedOnce.HasOtherBody(provider, token, request.Body.Span))
            {
                return Refuse(context, connection, "The signature's token was used before with another body.", challenge: false);
            }

            return await StoreAsync(context, connection, reading, now, cancellationToken);
        }
        catch (Exception exception) when (exception is EventNotStoredException or Microsoft.Data.Sqlite.SqliteException)
        {
            return Unavailable(context, provider, "The events could not be stored just now.");
        }
    }

    private async Task<(Authenticity Genuine, bool Unavailable)> AuthenticateAsync(
        IEspWebhook adapter, WebhookRequest request, EspConnection connection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var genuine = adapter.Authenticate(request, connection, now);
        if (genuine.Kind != AuthenticityKind.NeedsCertificate)
        {
            return (genuine, false);
        }

        try
        {
            var pem = await certificates.FindAsync(genuine.CertificateUrl!, cancellationToken);
            return pem is null
                ? (Authenticity.Forged("The signing certificate is not trusted."), false)
                : (adapter.Authenticate(request, connection with { Settings = new Dictionary<string, string>(connection.Settings) { ["certificate_pem_fetched"] = pem } }, now), false);
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            LogNoCertificate(logger, exception, adapter.Provider);
            return (genuine, true);
        }
    }

    private async Task<IResult> StoreAsync(HttpContext context, OpenConnection connection, WebhookReading reading, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var events = reading.Events.Select(said => EventTranslation.Translate(connection.Provider, connection.Id, said, now)).ToList();
        foreach (var mail in reading.Mails)
        {
            events.AddRange(inbound.Read(mail, connection.Id, now));
        }

        if (events.Count > 0)
        {
            var urgent = events.Exists(reported => reported.Type is EventType.Unsubscribed or EventType.Complained);
            await intake.StoreAsync(events, urgent ? Lane.Unsubscribe : Lane.Report, cancellationToken);
        }

        foreach (var unreadable in reading.Unreadable ?? [])
        {
            rejected.Add(connection.Id, $"An event could not be read: {unreadable}", Peer(context));
        }

        if (reading.WrongHook is { } wrong)
        {
            rejected.Add(connection.Id, wrong, Peer(context));
        }

        if (reading.ConfirmAt is { } confirmAt)
        {
            _ = ConfirmAsync(confirmAt);
        }

        return reading.Answer is { } answer
            ? TypedResults.Text(answer, "application/json")
            : TypedResults.Ok(new Receipt(events.Count, reading.Ignored + (reading.Unreadable?.Count ?? 0)));
    }

    private async Task ConfirmAsync(Uri confirmAt)
    {
        try
        {
            await certificates.ConfirmAsync(confirmAt, CancellationToken.None); // Outlives the request, bounded by its own time-out.
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            LogNotConfirmed(logger, exception, confirmAt.Host);
        }
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

    private ProblemHttpResult Refuse(HttpContext context, OpenConnection connection, string reason, bool challenge)
    {
        rejected.Add(connection.Id, reason, Peer(context));
        LogRefused(logger, connection.Provider, connection.Id, reason);
        if (challenge)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"ScoreTracking\", charset=\"UTF-8\"";
        }

        return TypedResults.Problem(statusCode: StatusCodes.Status401Unauthorized, title: "Not accepted", detail: reason);
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

    private static string Peer(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    [LoggerMessage(Level = LogLevel.Warning, Message = "A {Provider} webhook of connection {ConnectionId} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string provider, long connectionId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing certificate of a {Provider} webhook could not be fetched; the sender will retry")]
    private static partial void LogNoCertificate(ILogger logger, Exception exception, string provider);

    [LoggerMessage(Level = LogLevel.Error, Message = "The subscription could not be confirmed at {Host}; the sender will ask again")]
    private static partial void LogNotConfirmed(ILogger logger, Exception exception, string host);
}
