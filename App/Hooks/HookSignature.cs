using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Hooks;

/// <summary>The secrets a webhook's requests are signed with.</summary>
/// <param name="Previous">The one before a rotation; null without.</param>
/// <param name="PreviousUntil">Unix milliseconds: until then requests carry both signatures.</param>
public sealed record HookSecrets(string Current, string? Previous, long PreviousUntil)
{
    /// <summary>How long after a rotation requests are signed with the old secret, too.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>The old one, while it still signs.</summary>
    public string? PreviousAt(DateTimeOffset now) => PreviousUntil > now.ToUnixTimeMilliseconds() ? Previous : null;
}

/// <summary>Signatures of Standard Webhooks: HMAC-SHA256 over id, timestamp and body.</summary>
public static class HookSignature
{
    private const string Prefix = "whsec_";
    private const int MinKey = 24;
    private const int MaxKey = 64;

    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Whether a text is a secret: whsec_ and base64 of 24 to 64 bytes.</summary>
    public static bool IsSecret(string text) => KeyOf(text) is not null;

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public static string Of(HookSecrets secrets, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        var current = One(secrets.Current, id, now, body);
        return secrets.PreviousAt(now) is { } previous ? $"{current} {One(previous, id, now, body)}" : current;
    }

    private static string One(string secret, string id, DateTimeOffset now, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret) ?? throw new ArgumentException("Not a secret.", nameof(secret)));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{now.ToUnixTimeSeconds()}.")));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }

    private static byte[]? KeyOf(string text)
    {
        Span<byte> key = stackalloc byte[MaxKey];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length >= MinKey
            ? key[..length].ToArray()
            : null;
    }
}
