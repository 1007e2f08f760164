using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Ways to the servers connections stand for.</summary>
public sealed class Transports(KnownConnections connections, SmtpServers servers, EspTransports esps, LetterWriter letters, TimeProvider time)
{
    /// <summary>One more way to the connection's server, for one caller at a time. Nothing is connected yet.</summary>
    public ITransport Open(SendingConnection connection) =>
        connection.Provider == SmtpKind.Name ? servers.Open(connection, time) : esps.Open(connection);

    /// <summary>Hands one mail over at once, outside every queue and limit: for tests. Sent from a disabled connection too.</summary>
    /// <returns>What came of it; null where there is no such connection, or nothing can be handed to it.</returns>
    /// <exception cref="ArgumentException">The mail cannot be written.</exception>
    public async Task<HandOff?> SendNowAsync(long connectionId, OutgoingMail mail, string envelopeFrom, string recipient, CancellationToken cancellationToken)
    {
        if (await connections.SenderAsync(connectionId, cancellationToken) is not { } connection)
        {
            return null;
        }

        var letter = await letters.WriteAsync(0, recipient, envelopeFrom, mail, cancellationToken);
        await using var transport = Open(connection);
        return (await transport.SendAsync([letter], beforeContent: null, following: null, cancellationToken))[0];
    }
}
