using ScoreTracking.Api;
using ScoreTracking.Connections;

namespace ScoreTracking.Messages;

/// <summary>Which connection a single mail is handed to.</summary>
internal sealed class MailSenders(KnownConnections connections)
{
    /// <summary>Those that can send now, by id.</summary>
    public async ValueTask<IReadOnlyList<SendingConnection>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await connections.SendersAsync(cancellationToken)).Where(connection => connection.Enabled)];

    /// <summary>The one that was asked for; without a wish the only one there is.</summary>
    /// <returns>Null with the reason, to be read behind the name of the field.</returns>
    public async ValueTask<(SendingConnection? Connection, string Error)> FindAsync(string? connectionId, CancellationToken cancellationToken)
    {
        if (connectionId is null)
        {
            return await ListAsync(cancellationToken) switch
            {
                [var only] => (only, ""),
                [] => (null, "no connection can send: add a mail server, or the sending key of your ESP, under Settings, Connections"),
                _ => (null, "several connections can send: name one"),
            };
        }

        var found = PublicId.TryConnection(connectionId, out var id) ? await connections.SenderAsync(id, cancellationToken) : null;
        return found switch
        {
            null => (null, "there is no such connection that can send"),
            { Enabled: false } => (null, "the connection is switched off"),
            _ => (found, ""),
        };
    }
}
