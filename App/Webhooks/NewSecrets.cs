using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>What was chosen for a connection a moment ago, so that its page can show it once. One per viewer's connection, gone when the page is left; what is stored is never shown.</summary>
public sealed class NewSecrets
{
    private string? _connectionId;

    /// <summary>User name and password, if they were set.</summary>
    public BasicAuth? Basic { get; private set; }

    /// <summary>Secrets this server made, by their labels.</summary>
    public IReadOnlyList<(string Label, string Value)> Made { get; private set; } = [];

    public void Keep(string connectionId, BasicAuth? basic, IReadOnlyList<(string Label, string Value)> made) => (_connectionId, Basic, Made) = (connectionId, basic, made);

    public bool Are(string connectionId) => _connectionId == connectionId && (Basic is not null || Made.Count > 0);

    public void Forget() => (_connectionId, Basic, Made) = (null, null, []);
}
