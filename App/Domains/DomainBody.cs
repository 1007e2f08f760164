namespace ScoreTracking.Domains;

/// <summary>A sending domain as the API takes it.</summary>
public sealed record DomainBody
{
    public string? Domain { get; init; }

    /// <summary>Null: one RSA key is made. An empty list: none, for mail that somebody else signs.</summary>
    public IReadOnlyList<KeyBody?>? Keys { get; init; }
}

/// <summary>A DKIM key to be made or taken over.</summary>
public sealed record KeyBody
{
    /// <summary>rsa (2048 bits, what every receiver reads) or ed25519. Null: as the imported key is, else rsa.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Names the key in DNS; null: the next free of st1, st2, ….</summary>
    public string? Selector { get; init; }

    /// <summary>A key of yours in PEM, or an Ed25519 key as 32 bytes of base64; null: a new one is made. Never shown again.</summary>
    public string? PrivateKey { get; init; }

    /// <summary>waiting: signs once its record is seen in DNS; signing: at once; off. Null: waiting.</summary>
    public string? Status { get; init; }
}

/// <summary>What to change of a key.</summary>
public sealed record KeyChange
{
    /// <summary>waiting, signing or off.</summary>
    public required string Status { get; init; }
}
