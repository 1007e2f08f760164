namespace ScoreTracking.Delivery;

/// <summary>A connection mail leaves by, as it is set now.</summary>
/// <param name="Lanes">Transports used side by side, at least one.</param>
/// <param name="PerSecond">Most messages handed over in a second, over all lanes; 0 for as many as go.</param>
/// <param name="Revision">Equal as long as nothing of the connection was changed: a changed one gets new transports.</param>
public sealed record SendingConnection(long Id, int Lanes, double PerSecond, object Revision);

/// <summary>The connections mail can leave by, and the way out for each.</summary>
public interface ISendingConnections
{
    /// <summary>A connection was added, changed, enabled, disabled or removed.</summary>
    event Action? Changed;

    /// <summary>Those that can send and are enabled.</summary>
    ValueTask<IReadOnlyList<SendingConnection>> EnabledAsync(CancellationToken cancellationToken);

    /// <summary>A new transport; connects when first used.</summary>
    /// <exception cref="InvalidOperationException">The connection is gone or cannot send: a sentence for people.</exception>
    ValueTask<ITransport> OpenAsync(long connectionId, CancellationToken cancellationToken);
}
