using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Webhooks;

/// <summary>Comparisons that take the same time wherever they differ.</summary>
public static class Signatures
{
    public static bool Same(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> given) => CryptographicOperations.FixedTimeEquals(expected, given);

    public static bool Same(string expected, string given) => Same(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));

    /// <summary>Compares with a signature written as hex; anything that is not hex is no signature.</summary>
    public static bool SameHex(ReadOnlySpan<byte> expected, string given)
    {
        Span<byte> bytes = stackalloc byte[64];
        return given.Length == expected.Length * 2
            && Convert.FromHexString(given, bytes, out _, out var written) == System.Buffers.OperationStatus.Done
            && Same(expected, bytes[..written]);
    }

    /// <summary>Compares with a signature written as base64; anything that is not base64 is no signature.</summary>
    public static bool SameBase64(ReadOnlySpan<byte> expected, string given)
    {
        Span<byte> bytes = stackalloc byte[512];
        return Convert.TryFromBase64String(given, bytes, out var written) && Same(expected, bytes[..written]);
    }

    /// <summary>The time a request was signed at, from plain digits: a dot, sign or space would leave room for the same bytes to be read in two ways.</summary>
    public static DateTimeOffset? UnixTime(string? seconds) =>
        seconds is { Length: > 0 and <= 11 } && seconds.All(char.IsAsciiDigit)
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture))
            : null;

    /// <summary>No further away than the window, past or future: our own clock may be the wrong one.</summary>
    public static bool IsRecent(DateTimeOffset signedAt, DateTimeOffset now, TimeSpan window) => (now - signedAt).Duration() <= window;
}
