using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>Small rules several ESPs share.</summary>
internal static class AdapterParts
{
    /// <summary>For ESPs that sign nothing. Basic authentication itself was checked before the adapter was asked.</summary>
    public static Authenticity ByBasicAuth(EspConnection connection) =>
        connection.HasBasicAuth ? Authenticity.Genuine : Authenticity.Forged("this connection has no user name and password, so nothing can be told apart");

    /// <summary>Checks a header that is HMAC-SHA256 of the raw body as hex.</summary>
    public static Authenticity ByBodyHmac(WebhookRequest request, EspConnection connection, string secret, string header)
    {
        var keys = connection.Keys(secret);
        if (keys.Count == 0)
        {
            return Authenticity.Forged($"this connection has no {secret}");
        }

        if (request.Header(header)?.Trim() is not { Length: > 0 } given)
        {
            return Authenticity.Missing($"no {header} header");
        }

        return keys.Any(key => Signatures.SameHex(HMACSHA256.HashData(key, request.Body.Span), given))
            ? Authenticity.Genuine
            : Authenticity.Forged($"the {header} header does not match the body");
    }

    /// <summary>The secrets a signature may have been made with, as bytes; a blank one is none.</summary>
    public static IReadOnlyList<byte[]> Keys(this EspConnection connection, string secret) =>
        [.. connection.Candidates(secret).Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => Encoding.UTF8.GetBytes(value.Trim()))];

    /// <summary>One of our reasons for a drop, from the ESP's words.</summary>
    public static string RejectReason(string? words)
    {
        return Says("unsub") ? "unsubscribed"
            : Says("suppress") || Says("blacklist") || Says("blocklist") || Says("bounce") || Says("complain") || Says("report") ? "suppressed"
            : Says("spam") || Says("virus") || Says("content") ? "spam"
            : Says("invalid") || Says("not exist") || Says("unknown") ? "invalid"
            : "other";

        bool Says(string part) => words?.Contains(part, StringComparison.OrdinalIgnoreCase) is true;
    }

    /// <summary>Lower case without spaces, dashes and underscores, so that spellings of one name meet.</summary>
    public static string Folded(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Custom data that travels as one string: the members of the JSON object it holds, else the string under its own name.</summary>
    public static Dictionary<string, string> Carried(string name, string? text)
    {
        if (text is null)
        {
            return [];
        }

        using var document = JsonReading.Parse(text);
        return document?.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Fields() : new(StringComparer.Ordinal) { [name] = text };
    }

    public static bool TryBase64(string text, out byte[] bytes)
    {
        bytes = new byte[((text.Length + 3) / 4) * 3];
        var isBase64 = Convert.TryFromBase64String(text, bytes, out var length);
        bytes = bytes[..length];
        return isBase64;
    }

    /// <summary>32 letters and digits, which need no escaping in a URL: 190 bits.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    public static string? CheckSecret(string value) =>
        value.Trim().Length < 8 ? "is shorter than 8 characters" : value.Any(char.IsControl) ? "contains a line break" : null;
}
