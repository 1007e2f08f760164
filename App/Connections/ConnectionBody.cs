using System.Text.Json.Serialization;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Connections;

/// <summary>A connection as the API takes it.</summary>
public sealed record ConnectionBody
{
    public string? Name { get; init; }

    /// <summary>Fixed once created.</summary>
    public string? Provider { get; init; }

    /// <summary>
    /// By the names the provider's setup asks for. Changing those its requests are checked by keeps the old ones valid beside the new.
    /// Those for sending change one by one; an empty text takes one away.
    /// </summary>
    public Dictionary<string, string>? Secrets { get; init; }

    /// <summary>Replaces the secrets that are still valid from before; an empty object ends a rotation.</summary>
    public Dictionary<string, string>? SecretsPrevious { get; init; }
    public BasicAuth? BasicAuth { get; init; }

    /// <summary>Numbers and truth values may be written as such.</summary>
    [JsonConverter(typeof(SettingsJson))]
    public IReadOnlyDictionary<string, string>? Settings { get; init; }
    public bool? Enabled { get; init; }
}

/// <summary>A connection as the API shows it: which secrets are set, never what they are.</summary>
/// <param name="WebhookUrl">Null for a mail server: it reports nothing.</param>
/// <param name="CanSend">Whether mail can be handed to it, once enabled: all that needs is set.</param>
/// <param name="Secrets">Names of the secrets that are set.</param>
/// <param name="SecretsPrevious">Names of secrets still valid from before a rotation.</param>
/// <param name="BasicAuthUser">Null without basic authentication.</param>
/// <param name="LastReceivedAt">Null while nothing came.</param>
/// <param name="Setup">What to do at the ESP, step by step.</param>
public sealed record ConnectionAnswer(
    string Id,
    string Name,
    string Provider,
    string? WebhookUrl,
    bool CanSend,
    bool Enabled,
    IReadOnlyList<string> Secrets,
    IReadOnlyList<string> SecretsPrevious,
    string? BasicAuthUser,
    [property: JsonConverter(typeof(SettingsJson))] IReadOnlyDictionary<string, string> Settings,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastReceivedAt,
    int Rejected,
    IReadOnlyList<string> Setup)
{
    internal static ConnectionAnswer Of(Connection stored, ConnectionSecrets secrets, IReadOnlyDictionary<string, string> settings, ConnectionShape shape, string publicBase, int rejected)
    {
        var url = shape.Reports ? KnownConnections.WebhookUrl(publicBase, stored) : null;
        return new ConnectionAnswer(
            PublicId.Connection(stored.Id),
            stored.Name,
            stored.Provider,
            url,
            shape.CanSend && !shape.MissingToSend(secrets.Current.ContainsKey, settings.ContainsKey).Any(),
            stored.Enabled,
            [.. secrets.Current.Keys.Order(StringComparer.Ordinal)],
            [.. secrets.Previous.Keys.Order(StringComparer.Ordinal)],
            secrets.Basic?.User,
            settings,
            stored.CreatedAt,
            StoredTime.OrNull(stored.LastReceivedAt),
            rejected,
            [.. shape.Guide.Select(step => step.Replace("{url}", url, StringComparison.Ordinal))]);
    }
}
