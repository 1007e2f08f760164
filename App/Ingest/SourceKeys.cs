using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Ingest;

/// <summary>How the idempotency keys of events are stored: 16 bytes each.</summary>
public static class SourceKeys
{
    /// <summary>Bytes of a stored key.</summary>
    internal const int Length = 16;

    private const string HandOffs = "handoff:";

    // Messages whose keys lie next to each other; their first byte spreads over all its values, since keys are forgotten in slices by it.
    private const int Neighbours = 12;

    /// <summary>The key of what came of an attempt at handing a message over.</summary>
    public static string HandOff(long messageId, int attempt) => string.Create(CultureInfo.InvariantCulture, $"{HandOffs}{messageId}:{attempt}");

    /// <summary>
    /// Writes a key as it is stored: the beginning of its SHA-256, which puts it somewhere in the table. Keys of hand-offs, which come by
    /// the thousand in the order of their messages, are written out instead: a batch of them then touches a few pages and not one for each.
    /// </summary>
    internal static void Write(string key, Span<byte> stored)
    {
        if (TryReadHandOff(key, out var messageId, out var attempt))
        {
            stored[0] = (byte)(messageId >> Neighbours);
            "hof"u8.CopyTo(stored[1..]);
            BinaryPrimitives.WriteInt64BigEndian(stored[4..], messageId);
            BinaryPrimitives.WriteInt32BigEndian(stored[12..], attempt);
            return;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        hash[..Length].CopyTo(stored);
    }

    private static bool TryReadHandOff(ReadOnlySpan<char> key, out long messageId, out int attempt)
    {
        (messageId, attempt) = (0, 0);
        if (!key.StartsWith(HandOffs, StringComparison.Ordinal))
        {
            return false;
        }

        key = key[HandOffs.Length..];
        var colon = key.IndexOf(':');
        return colon > 0 && long.TryParse(key[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out messageId)
            && int.TryParse(key[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out attempt);
    }
}
