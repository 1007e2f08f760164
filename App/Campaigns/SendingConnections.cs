using ScoreTracking.Connections;

namespace ScoreTracking.Campaigns;

/// <summary>The connections mail can be handed to.</summary>
public sealed class SendingConnections(KnownConnections known)
{
    internal const string Unknown = "there is no such connection";

    /// <summary>Those that are switched on, by name.</summary>
    public async Task<IReadOnlyList<SendingConnection>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await known.SendersAsync(cancellationToken)).Where(connection => connection.Enabled).OrderBy(connection => connection.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Null where there is none of that id, or nothing can be handed to it.</summary>
    public ValueTask<SendingConnection?> FindAsync(long id, CancellationToken cancellationToken) => known.SenderAsync(id, cancellationToken);

    /// <summary>Why mail cannot be handed to a connection, to stand behind its field's name; null where it can.</summary>
    internal async Task<string?> ErrorAsync(long id, CancellationToken cancellationToken) =>
        await known.SenderAsync(id, cancellationToken) is { } sender ? sender.Enabled ? null : "the connection is switched off"
        : await known.FindAsync(id, cancellationToken) is null ? Unknown
        : "the connection only receives reports: it has no credentials to send with";
}
