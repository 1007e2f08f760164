using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Webhooks;

/// <summary>What became of a request to a connection.</summary>
internal abstract record WebhookOutcome
{
    /// <summary>Its events are on disk.</summary>
    /// <param name="Ignored">Events of a type that is none of ours, and those that could not be read.</param>
    /// <param name="Answer">JSON the ESP expects instead of the usual count.</param>
    public sealed record Accepted(int Received, int Ignored, string? Answer) : WebhookOutcome;

    /// <summary>Nothing changed.</summary>
    /// <param name="Challenge">The sender may try again with credentials.</param>
    public sealed record Refused(string Reason, bool Challenge) : WebhookOutcome;

    /// <summary>Temporary trouble of this server's: the sender is asked to retry.</summary>
    public sealed record Unavailable(string Detail) : WebhookOutcome;
}

/// <summary>Takes a request in: who sent it, then what it says, then the disk, then yes. A forgery changes nothing.</summary>
internal sealed partial class WebhookReceiver(
    IEnumerable<IEspWebhook> adapters,
    RejectedWebhooks rejected,
    SignedOnce signedOnce,
    SnsCertificates certificates,
    InboundEvents inbound,
    EventIntake intake,
    SuppressionList suppressions,
    TimeProvider time,
    ILogger<WebhookReceiver> logger)
{
    private readonly Dictionary<string, IEspWebhook> _adapters = adapters.ToDictionary(adapter => adapter.Provider, StringComparer.Ordinal);

    public bool Knows(string provider) => _adapters.ContainsKey(provider);

    /// <param name="peer">Who sent it, for the list of refused requests.</param>
    public async Task<WebhookOutcome> ReceiveAsync(OpenConnection connection, WebhookRequest request, string peer, CancellationToken cancellationToken)
    {
        if (RefusalByBasicAuth(connection, request) is { } refusal)
        {
            return Refuse(connection, refusal, peer);
        }

        var now = time.GetUtcNow();
        var (genuine, unavailable) = await AuthenticateAsync(_adapters[connection.Provider], request, connection.Esp, now, cancellationToken);
        if (unavailable)
        {
            return new WebhookOutcome.Unavailable("The sender's certificate could not be fetched.");
        }

        return genuine.Kind == AuthenticityKind.Genuine
            ? await ReadAndStoreAsync(connection, request, peer, now, cancellationToken)
            : Refuse(connection, new WebhookOutcome.Refused(genuine.Reason, genuine.Kind == AuthenticityKind.Missing), peer);
    }

    /// <summary>Takes in a request of our own whose signature only the ESP could make; everything but the signature is as for a real one.</summary>
    public async Task<WebhookOutcome> ReceiveUnsignedAsync(OpenConnection connection, WebhookRequest request, string peer, CancellationToken cancellationToken) =>
        RefusalByBasicAuth(connection, request) is { } refusal
            ? Refuse(connection, refusal, peer)
            : await ReadAndStoreAsync(connection, request, peer, time.GetUtcNow(), cancellationToken);

    private static WebhookOutcome.Refused? RefusalByBasicAuth(OpenConnection connection, WebhookRequest request) =>
        connection.Basic is { } basic && !BasicAuthentication.Matches(basic, request.Header("Authorization"))
            ? new WebhookOutcome.Refused("User name or password are missing or wrong.", Challenge: true)
            : null;

    private async Task<WebhookOutcome> ReadAndStoreAsync(OpenConnection connection, WebhookRequest request, string peer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var reading = _adapters[connection.Provider].Read(request, connection.Esp, now);
            if (reading.ReplayToken is { } token && signedOnce.HasOtherBody(connection.Provider, token, request.Body.Span))
            {
                return Refuse(connection, new WebhookOutcome.Refused("The signature's token was used before with another body.", Challenge: false), peer);
            }

            return await StoreAsync(connection, reading, peer, now, cancellationToken);
        }
        catch (Exception exception) when (exception is EventNotStoredException or Microsoft.Data.Sqlite.SqliteException)
        {
            return new WebhookOutcome.Unavailable("The events could not be stored just now.");
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

    private async Task<WebhookOutcome> StoreAsync(OpenConnection connection, WebhookReading reading, string peer, DateTimeOffset now, CancellationToken cancellationToken)
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

        // After the events of the same request. By when each happened, so it does not matter which of them is stored first.
        if (reading.Retractions.Count > 0)
        {
            suppressions.Retract([.. reading.Retractions.Select(taken => (taken.Recipient, taken.Reason, taken.OccurredAt))], connection.Provider);
        }

        foreach (var unreadable in reading.Unreadable ?? [])
        {
            rejected.Add(connection.Id, $"An event could not be read: {unreadable}", peer);
        }

        if (reading.WrongHook is { } wrong)
        {
            rejected.Add(connection.Id, wrong, peer);
        }

        if (reading.ConfirmAt is { } confirmAt)
        {
            _ = ConfirmAsync(confirmAt);
        }

        return new WebhookOutcome.Accepted(events.Count, reading.Ignored + (reading.Unreadable?.Count ?? 0), reading.Answer);
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

    private WebhookOutcome.Refused Refuse(OpenConnection connection, WebhookOutcome.Refused refused, string peer)
    {
        rejected.Add(connection.Id, refused.Reason, peer);
        LogRefused(logger, connection.Provider, connection.Id, refused.Reason);
        return refused;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A {Provider} webhook of connection {ConnectionId} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string provider, long connectionId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The signing certificate of a {Provider} webhook could not be fetched; the sender will retry")]
    private static partial void LogNoCertificate(ILogger logger, Exception exception, string provider);

    [LoggerMessage(Level = LogLevel.Error, Message = "The subscription could not be confirmed at {Host}; the sender will ask again")]
    private static partial void LogNotConfirmed(ILogger logger, Exception exception, string host);
}
