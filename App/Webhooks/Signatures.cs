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
}
