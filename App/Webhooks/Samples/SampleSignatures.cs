using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>Signatures as ESPs make them. Null where the connection has no such secret yet: the request then goes unsigned, and is refused as a real one would be.</summary>
internal static class SampleSignatures
{
    /// <summary>HMAC-SHA256 of the text, in hex.</summary>
    public static string? HexHmac(this EspConnection connection, string secret, string text) =>
        connection.Secret(secret) is { } key ? Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text))) : null;

    /// <summary>The current secret, trimmed; null where none is set.</summary>
    public static string? Secret(this EspConnection connection, string secret) =>
        connection.Secrets.TryGetValue(secret, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>The headers of Standard Webhooks, or of Svix, where they come from.</summary>
    /// <param name="prefix">"webhook" or "svix".</param>
    public static WebhookRequest Standard(string prefix, string body, SampleMark mark, EspConnection connection)
    {
        var signature = connection.Secret("signing_secret") is { } secret ? StandardSignature.Sign(secret, mark.Id, mark.Unix, Encoding.UTF8.GetBytes(body)) : null;
        return SampleMark.Json(body, ($"{prefix}-id", mark.Id), ($"{prefix}-timestamp", mark.Unix), ($"{prefix}-signature", signature));
    }
}
