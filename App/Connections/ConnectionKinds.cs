namespace ScoreTracking.Connections;

/// <summary>What each kind of connection is made of, for receiving and for sending.</summary>
public sealed class ConnectionKinds(IEnumerable<IConnectionKind> kinds)
{
    /// <summary>By provider.</summary>
    public IReadOnlyDictionary<string, ConnectionShape> Shapes { get; } =
        kinds.ToDictionary(kind => kind.Provider, kind => SendingFields.Complete(kind.Provider, kind.Shape), StringComparer.Ordinal);
}
