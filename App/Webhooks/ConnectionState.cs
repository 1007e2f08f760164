using ScoreTracking.Components;
using ScoreTracking.Connections;
using ScoreTracking.Delivery;

namespace ScoreTracking.Webhooks;

/// <summary>How a connection stands.</summary>
internal static class ConnectionState
{
    // A batch whose last event could not be read is noted just after its good ones were received.
    private static readonly TimeSpan s_sameRequest = TimeSpan.FromSeconds(2);

    /// <param name="lastRefused">Null where nothing was refused since the server started.</param>
    /// <param name="sending">How handing mail over to it goes.</param>
    public static (string Text, Tone Tone) Of(ConnectionAnswer connection, ConnectionShape shape, DateTimeOffset? lastRefused, LineStatus sending) => connection switch
    {
        { Enabled: false } => ("Disabled", Tone.Neutral),
        _ when sending == LineStatus.Stopped => ("Stopped", Tone.Bad),
        _ when sending == LineStatus.Resting => ("Not reached", Tone.Warning),
        _ when !shape.Reports => ("Ready", Tone.Good),
        _ when Missing(connection, shape).Any() => ("Key missing", Tone.Warning),
        _ when lastRefused is { } refused && !(refused <= connection.LastReceivedAt + s_sameRequest) => ("Refusing", Tone.Bad),
        { LastReceivedAt: null } => ("Waiting", Tone.Active),
        _ => ("Receiving", Tone.Good),
    };

    /// <summary>Who sends its requests, in the middle of a sentence.</summary>
    public static string Sender(string provider, ConnectionShape shape) => provider switch
    {
        "generic" => "the sender",
        InboundWebhook.Name => "your mail server",
        _ => shape.Name,
    };

    /// <summary>Secrets without which everything is refused, not entered yet.</summary>
    public static IEnumerable<ConnectionField> Missing(ConnectionAnswer connection, ConnectionShape shape) =>
        shape.Secrets.Where(field => field.Required && !connection.Secrets.Contains(field.Key));
}
