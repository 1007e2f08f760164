namespace ScoreTracking.Connections;

/// <summary>A kind of connection there can be.</summary>
public interface IConnectionKind
{
    /// <summary>As in the webhook's URL and the API, "sendgrid".</summary>
    string Provider { get; }

    /// <summary>What a connection of this kind is made of, for validation and for the screen.</summary>
    ConnectionShape Shape { get; }
}

/// <summary>What a connection is made of.</summary>
/// <param name="BasicAuthSuffices">The ESP signs nothing, or need not: basic authentication alone makes a connection.</param>
/// <param name="Guide">Steps to set it up at the ESP, in order; <c>{url}</c> stands for the webhook URL.</param>
public sealed record ConnectionShape(
    string Name,
    IReadOnlyList<ConnectionField> Secrets,
    IReadOnlyList<ConnectionField> Settings,
    bool BasicAuthSuffices,
    IReadOnlyList<string> Guide);

/// <param name="Key">As in the API, "signing_key".</param>
/// <param name="Check">Null, or what is wrong with a value.</param>
public sealed record ConnectionField(string Key, string Label, string Hint, bool Required, Func<string, string?>? Check = null)
{
    /// <summary>The ESP shows it only once it knows the webhook's URL: the connection is made without it, and refuses everything until it is entered.</summary>
    public bool Later { get; init; }

    /// <summary>Several lines, such as PEM.</summary>
    public bool Multiline { get; init; }

    /// <summary>Ours to choose, and how; null where the ESP gives it.</summary>
    public Func<string>? Make { get; init; }
}
