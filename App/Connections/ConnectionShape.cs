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
    IReadOnlyList<string> Guide)
{
    /// <summary>Whether it posts events to us. A mail server only takes mail.</summary>
    public bool Reports { get; init; } = true;

    /// <summary>What fields must be to each other: errors by field path.</summary>
    public Func<IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, string>, IEnumerable<(string Path, string Error)>> CheckTogether { get; init; } = (_, _) => [];

    /// <summary>Whether mail can be handed to connections of this kind, once they have what <see cref="ConnectionField.NeededToSend"/>.</summary>
    public bool CanSend => Secrets.Concat(Settings).Any(one => one.NeededToSend);

    /// <summary>The fields a connection still needs before mail can be handed to it.</summary>
    public IEnumerable<ConnectionField> MissingToSend(Func<string, bool> hasSecret, Func<string, bool> hasSetting) =>
        Secrets.Where(field => field.NeededToSend && !hasSecret(field.Key)).Concat(Settings.Where(field => field.NeededToSend && !hasSetting(field.Key)));
}

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

    /// <summary>For handing mail over. Who reads the provider's requests never sees it.</summary>
    public bool ForSending { get; init; }

    /// <summary>Nothing can be handed over without it.</summary>
    public bool NeededToSend { get; init; }

    /// <summary>For few: shown when asked for.</summary>
    public bool Rare { get; init; }

    /// <summary>The values there are, and what each is called; empty: any text.</summary>
    public IReadOnlyList<(string Value, string Label)> Choices { get; init; } = [];

    /// <summary>Chosen until something else is; "" for none.</summary>
    public string Default { get; init; } = "";
}
