using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Webhooks;

/// <summary>The signature of Standard Webhooks and of Svix, where it comes from: HMAC-SHA256 over id, timestamp and raw body.</summary>
internal static class StandardSignature
{
    // Senders sign anew at each attempt.
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(5);

    /// <param name="secrets">Written "whsec_" and base64; the prefix may be missing.</param>
    public static Authenticity Check(WebhookRequest request, IEnumerable<string> secrets, DateTimeOffset now)
    {
        if (Header(request, "id") is not { Length: > 0 and <= 256 } id || Header(request, "timestamp") is not { Length: > 0 } timestamp || Header(request, "signature") is not { Length: > 0 } signatures)
        {
            return Authenticity.Missing("The signature, its id or its timestamp is missing.");
        }

        if (Signatures.UnixTime(timestamp) is not { } signedAt || !Signatures.IsRecent(signedAt, now, s_window))
        {
            return Authenticity.Forged("The signature is more than five minutes away from now. Is this server's clock right?");
        }

        var given = signatures.Split([' ', ','], 32, StringSplitOptions.RemoveEmptyEntries);
        foreach (var secret in secrets)
        {
            if (KeyOf(secret) is not { } key)
            {
                continue;
            }

            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
            hmac.AppendData(request.Body.Span);
            var expected = hmac.GetHashAndReset();

            // "v1,<base64> v1,<base64>": several during the sender's own rotation. Other versions are other algorithms.
            for (var i = 0; i + 1 < given.Length; i++)
            {
                if (given[i] == "v1" && Signatures.SameBase64(expected, given[i + 1]))
                {
                    return Authenticity.Genuine;
                }
            }
        }

        return Authenticity.Forged("The signature does not match the signing secret.");
    }

    /// <summary>The same at every attempt.</summary>
    public static string? IdOf(WebhookRequest request) => Header(request, "id") is { Length: > 0 } id ? id : null;

    public static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The header's value for one secret; null where that is none.</summary>
    public static string? Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body) =>
        KeyOf(secret) is { } key ? $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]))}" : null;

    public static string? CheckSecret(string secret) => KeyOf(secret) is null ? "A signing secret is whsec_ followed by base64." : null;

    private static string? Header(WebhookRequest request, string name) => request.Header($"webhook-{name}") ?? request.Header($"svix-{name}");

    private static byte[]? KeyOf(string secret)
    {
        var base64 = secret.StartsWith("whsec_", StringComparison.Ordinal) ? secret["whsec_".Length..] : secret;
        var key = new byte[Math.Min(base64.Length, 1_024)];
        return Convert.TryFromBase64String(base64, key, out var length) && length > 0 ? key[..length] : null;
    }
}
