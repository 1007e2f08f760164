using System.Globalization;
using System.Net;
using ScoreTracking.Mail;

namespace ScoreTracking.Connections;

/// <summary>What connections need besides so that mail can be handed to them: the ESP's API key, where it stands, how fast.</summary>
internal static class SendingFields
{
    public const int MaxConnections = 50;
    public const double MaxPerSecond = 10_000;

    private static readonly ConnectionField s_from = Setting("from", "From address", "Test mails come from it, and mail for which nothing else is chosen.", CheckAddress);

    private static readonly ConnectionField[] s_limits =
    [
        Setting("per_second", "Messages a second", "At most. Empty: as fast as it takes them.", CheckRate),
        Setting("connections", "Connections at once", $"1 to {MaxConnections}. Empty: 4.", CheckConnections),
    ];

    /// <summary>For connections over which mail can be handed over by the ESP's HTTP interface, by provider.</summary>
    private static readonly Dictionary<string, (ConnectionField[] Secrets, ConnectionField[] Settings)> s_byProvider = new(StringComparer.Ordinal)
    {
        ["sendgrid"] = ([Key("api_key", "API key", "Settings, API Keys: one with the permission Mail Send.")], [Region("The EU region has keys of its own.", ("global", "Global"), ("eu", "European Union"))]),
        ["mailgun"] = (
            [Key("api_key", "Sending key", "The domain's sending key, or the account's API key.")],
            [Setting("domain", "Sending domain", "As Mailgun knows it, mg.acme.com.", CheckHost) with { NeededToSend = true }, Region("Where the domain was made.", ("us", "United States"), ("eu", "European Union"))]),
        ["postmark"] = (
            [Key("server_token", "Server API token", "Servers, yours, API Tokens.")],
            [Setting("message_stream", "Message stream", "outbound, broadcast, or one of yours. Empty: outbound.", value => IsWord(value) ? null : "is not the ID of a message stream")]),
        ["amazon_ses"] = (
            [Key("access_key_id", "Access key ID", "Of an IAM user that may do ses:SendEmail and nothing else.", value => IsWord(value) ? null : "is not an access key ID"), Key("secret_access_key", "Secret access key", "Shown once, when the access key is made.")],
            [
                Setting("region", "Region", "eu-west-1: where your identity is verified.", value => value.Length <= 30 && IsWord(value) && value.Count(character => character == '-') >= 2 ? null : "is not an AWS region") with { NeededToSend = true },
                Setting("configuration_set", "Configuration set", "Whose event destination is the topic above. Empty: the identity's default.", value => IsWord(value) ? null : "is not the name of a configuration set"),
            ]),
        ["sparkpost"] = ([Key("api_key", "API key", "One with the permission Transmissions: Read/Write.")], [Region("Where the account was made.", ("us", "United States"), ("eu", "European Union"))]),
    };

    /// <summary>The shape of a provider's connections, with what sending needs.</summary>
    public static ConnectionShape Complete(string provider, ConnectionShape shape) => s_byProvider.TryGetValue(provider, out var more)
        ? shape with { Secrets = [.. shape.Secrets, .. more.Secrets], Settings = [.. shape.Settings, .. more.Settings, s_from, .. s_limits] }
        : shape;

    /// <summary>What every connection that sends has.</summary>
    public static IReadOnlyList<ConnectionField> Common { get; } = [s_from, .. s_limits];

    public static ConnectionField Setting(string key, string label, string hint, Func<string, string?>? check = null) => new(key, label, hint, Required: false, check) { ForSending = true };

    public static string? CheckHost(string value) => IPAddress.TryParse(value, out _) || WireAddress.Host(value) is not null ? null : "is not the name of a server";

    public static string? CheckAddress(string value) => WireAddress.TryParse(value, out _) ? null : "is not an email address";

    private static ConnectionField Key(string key, string label, string hint, Func<string, string?>? check = null) =>
        new(key, label, hint, Required: false, check ?? (value => value.Any(character => character is < '!' or > '~') ? "holds something that is no letter, digit or sign" : null)) { ForSending = true, NeededToSend = true };

    private static ConnectionField Region(string hint, params (string Value, string Label)[] regions) => Setting("region", "Region", hint) with { Choices = regions, Default = regions[0].Value };

    private static string? CheckRate(string value) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate) && rate is >= 0.01 and <= MaxPerSecond ? null : $"is a number from 0.01 to {MaxPerSecond:0}";

    private static string? CheckConnections(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxConnections ? null : $"is a whole number from 1 to {MaxConnections}";

    private static bool IsWord(string value) => value.Length <= 100 && value.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');
}
