namespace ScoreTracking.Connections;

/// <summary>A connection as an adapter needs it: secrets decrypted.</summary>
/// <param name="Secrets">By the names of <see cref="ConnectionShape"/>.</param>
/// <param name="PreviousSecrets">Still valid during a rotation; empty otherwise.</param>
public sealed record EspConnection(
    IReadOnlyDictionary<string, string> Secrets,
    IReadOnlyDictionary<string, string> PreviousSecrets,
    IReadOnlyDictionary<string, string> Settings,
    bool HasBasicAuth)
{
    /// <summary>The values a signature may have been made with: the current secret, then the previous one.</summary>
    public IEnumerable<string> Candidates(string secret)
    {
        if (Secrets.TryGetValue(secret, out var current))
        {
            yield return current;
        }

        if (PreviousSecrets.TryGetValue(secret, out var previous))
        {
            yield return previous;
        }
    }
}
