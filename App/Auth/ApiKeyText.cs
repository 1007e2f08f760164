using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Auth;

/// <summary>How a key is written: <c>st_live_</c>, 30 random characters (178 bits), and a CRC-32 of both in 6, so that a mistyped one is told apart from a revoked one.</summary>
internal static class ApiKeyText
{
    private const string Prefix = "st_live_";
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomLength = 30;
    private const int ChecksumLength = 6;

    public static string Create()
    {
        var text = Prefix + RandomNumberGenerator.GetString(Base62, RandomLength);
        return text + Checksum(text);
    }

    public static bool IsWellFormed(string text) =>
        text.Length == Prefix.Length + RandomLength + ChecksumLength
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.EndsWith(Checksum(text[..^ChecksumLength]), StringComparison.Ordinal);

    /// <summary>What is kept of a key. It is random enough that a slow hash would add nothing.</summary>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string Checksum(string text)
    {
        var crc = uint.MaxValue;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        crc = ~crc;
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var at = ChecksumLength - 1; at >= 0; at--)
        {
            digits[at] = Base62[(int)(crc % 62)];
            crc /= 62;
        }

        return new string(digits);
    }
}
