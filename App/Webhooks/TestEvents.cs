using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>What became of a test event, in words for the operator.</summary>
public sealed record TestResult(bool Accepted, string Words);

/// <summary>Sends a connection a request of our own making, as its ESP would send it, through everything a real one passes: so that a connection is seen to work before it goes live.</summary>
public sealed class TestEvents
{
    private const string Letters = "abcdefghjkmnpqrstvwxyz23456789";

    private readonly KnownConnections _connections;
    private readonly WebhookReceiver _receiver;
    private readonly TimeProvider _time;

    internal TestEvents(KnownConnections connections, WebhookReceiver receiver, TimeProvider time) => (_connections, _receiver, _time) = (connections, receiver, time);

    /// <summary>What can be sent for a provider, in the order it is offered.</summary>
    public static IReadOnlyList<SampleKind> KindsOf(string provider) => EspSamples.All.TryGetValue(provider, out var sample) ? sample.Kinds : [];

    /// <summary>Only the ESP can make its signature, so a test event does not try that part.</summary>
    public static bool IsUnsigned(string provider) => EspSamples.All.TryGetValue(provider, out var sample) && sample.IsUnsigned;

    /// <summary>Whether what was received is one of these.</summary>
    /// <param name="words">A returned mail has no id but its Message-ID, which is not kept; its reason carries the mark.</param>
    public static bool IsTest(string? recipient, string? espMessageId, string? eventId, string? words) =>
        recipient == SampleMark.Recipient && (IsOurs(espMessageId) || IsOurs(eventId) || words?.Contains($"({SampleMark.Prefix}", StringComparison.Ordinal) == true);

    /// <param name="sender">Whose request it is, for the words.</param>
    public async Task<TestResult> SendAsync(long connectionId, SampleKind kind, string sender, CancellationToken cancellationToken)
    {
        if (await _connections.FindAsync(connectionId, cancellationToken) is not { } connection || !EspSamples.All.TryGetValue(connection.Provider, out var sample))
        {
            return new TestResult(false, "The connection was deleted in the meantime.");
        }

        if (!connection.Enabled)
        {
            return new TestResult(false, "Not sent: the connection is disabled, so every request to it is answered with 404.");
        }

        var mark = new SampleMark(SampleMark.Prefix + RandomNumberGenerator.GetString(Letters, 16), _time.GetUtcNow());
        var request = WithBasicAuth(sample.Make(kind, mark, connection.Esp), connection.Basic);
        var outcome = sample.IsUnsigned
            ? await _receiver.ReceiveUnsignedAsync(connection, request, "this server", cancellationToken)
            : await _receiver.ReceiveAsync(connection, request, "this server", cancellationToken);
        return outcome switch
        {
            WebhookOutcome.Accepted { Received: > 0 } when sample.IsUnsigned =>
                new TestResult(true, $"Read and stored: it appears under Received. The signature itself was not tried, because only {sender} can make it; the first real event will show that the key is right."),
            WebhookOutcome.Accepted { Received: > 0 } => new TestResult(true, $"Accepted and stored: {Checked(connection)}, and it appears under Received."),
            WebhookOutcome.Accepted => new TestResult(false, "Accepted, but no event was found in it."),
            WebhookOutcome.Refused refused => new TestResult(false, $"Refused, as a real event would be now: {refused.Reason}"),
            WebhookOutcome.Unavailable unavailable => new TestResult(false, $"Not taken in: {unavailable.Detail} A real sender would be asked to retry."),
            _ => throw new InvalidOperationException($"No words for {outcome}."),
        };
    }

    private static bool IsOurs(string? id) => id?.StartsWith(SampleMark.Prefix, StringComparison.Ordinal) == true;

    private static string Checked(OpenConnection connection) => (connection.Esp.Secrets.Count > 0, connection.Basic is not null) switch
    {
        (true, true) => "its signature, user name and password were checked",
        (true, false) when connection.Esp.Secrets.ContainsKey("bearer_token") => "its bearer token was checked",
        (true, false) => "its signature was checked",
        _ => "its user name and password were checked",
    };

    private static WebhookRequest WithBasicAuth(WebhookRequest request, BasicAuth? basic) => basic is null
        ? request
        : request with
        {
            Headers = new Dictionary<string, string>(request.Headers, StringComparer.OrdinalIgnoreCase)
            {
                ["Authorization"] = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic.User}:{basic.Password}"))}",
            },
        };
}
