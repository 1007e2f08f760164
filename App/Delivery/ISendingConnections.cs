namespace ScoreTracking.Delivery;

/// <summary>A connection mail leaves by, as it is set now.</summary>
/// <param name="Lanes">Transports used side by side, at least one.</param>
/// <param name="PerSecond">Most messages handed over in a second, over all lanes; 0 for as many as go.</param>
/// <param name="Revision">The same as long as nothing of the connection was changed: a changed one gets new transports.</param>
/// <param name="Open">A new transport, for one caller at a time; connects when first used.</param>
internal sealed record LineSettings(long Id, int Lanes, double PerSecond, string Revision, Func<ITransport> Open);

/// <summary>The connections mail can leave by now: enabled, and able to send.</summary>
internal interface ISendingConnections
{
    ValueTask<IReadOnlyList<LineSettings>> EnabledAsync(CancellationToken cancellationToken);
}
