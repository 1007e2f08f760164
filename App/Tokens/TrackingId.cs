using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ScoreTracking.Tokens;

/// <summary>What a tracking id opens. Bound into the signature: the id of a pixel, which leaks with every image request, cannot unsubscribe anyone.</summary>
public enum TrackingKind : byte
{
    Open = (byte)'o',
    Click = (byte)'c',
    Unsubscribe = (byte)'u',

    /// <summary>The envelope sender of one message: who cannot deliver it reports here.</summary>
    Bounce = (byte)'b',

    /// <summary>The mailto half of List-Unsubscribe.</summary>
    MailUnsubscribe = (byte)'m',

    /// <summary>Reply-To.</summary>
    Reply = (byte)'r',
}

/// <summary>What a tracking id says.</summary>
/// <param name="MessageId">Below 2^44.</param>
/// <param name="LinkId">Below 2^44; 0 for opens and unsubscribes, and for the click on a link no reader sees.</param>
/// <param name="Preview">The sender's own copy: hits count as self.</param>
public readonly record struct TrackingId(long MessageId, long LinkId = 0, bool Preview = false);

/// <summary>
/// Writes and reads tracking ids: 40 characters of lower-case Crockford base32 over 25 bytes.
/// Byte 0 is version and key id; 1–12 the first bytes of HMAC-SHA256(mac key, byte 0 ‖ kind ‖ payload);
/// 13–24 the payload masked with HMAC-SHA256(mask key, byte 0 ‖ tag). Deterministic, opaque and authentic, without a
/// nonce; one spelling per id. The link id is global, so a click finds its destination without knowing the campaign.
/// </summary>
public sealed class TrackingIds(TrackingKeys keys)
{
    public const int Length = 40;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Version = 1;
    private const int TagLength = 12;
    private const int PayloadLength = 12;
    private const int TotalLength = 1 + TagLength + PayloadLength;

    private static readonly sbyte[] s_values = Values();

    public string Write(TrackingKind kind, TrackingId id)
    {
        Span<byte> bytes = stackalloc byte[TotalLength];
        var key = keys.Newest;
        bytes[0] = (byte)((Version << 4) | key.Id);

        Span<byte> payload = stackalloc byte[PayloadLength];
        WritePayload(id, payload);
        Tag(key, bytes[0], kind, payload, bytes.Slice(1, TagLength));
        Mask(key, bytes[..(1 + TagLength)], payload);
        payload.CopyTo(bytes[(1 + TagLength)..]);

        return string.Create(Length, bytes, static (characters, source) => Encode(source, characters));
    }

    /// <summary>False for anything this server did not sign for this kind.</summary>
    public bool TryRead(TrackingKind kind, ReadOnlySpan<char> text, out TrackingId id)
    {
        id = default;
        Span<byte> bytes = stackalloc byte[TotalLength];
        if (text.Length != Length || !TryDecode(text, bytes) || bytes[0] >> 4 != Version || keys.Find(bytes[0] & 0xF) is not { } key)
        {
            return false;
        }

        var payload = bytes[(1 + TagLength)..];
        Mask(key, bytes[..(1 + TagLength)], payload);
        Span<byte> tag = stackalloc byte[TagLength];
        Tag(key, bytes[0], kind, payload, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes.Slice(1, TagLength)))
        {
            return false;
        }

        id = ReadPayload(payload);
        return true;
    }

    // 44 bits of message, 44 bits of link, 8 bits of flags.
    private static void WritePayload(TrackingId id, Span<byte> payload)
    {
        BinaryPrimitives.WriteUInt64BigEndian(payload, ((ulong)id.MessageId << 20) | ((ulong)id.LinkId >> 24));
        BinaryPrimitives.WriteUInt32BigEndian(payload[8..], ((uint)id.LinkId << 8) | (id.Preview ? 1u : 0u));
    }

    private static TrackingId ReadPayload(ReadOnlySpan<byte> payload)
    {
        var high = BinaryPrimitives.ReadUInt64BigEndian(payload);
        var low = BinaryPrimitives.ReadUInt32BigEndian(payload[8..]);
        return new TrackingId((long)(high >> 20), (long)(((high & 0xFFFFF) << 24) | (low >> 8)), (low & 1) != 0);
    }

    private static void Tag(TrackingKey key, byte first, TrackingKind kind, ReadOnlySpan<byte> payload, Span<byte> tag)
    {
        Span<byte> data = stackalloc byte[2 + PayloadLength];
        data[0] = first;
        data[1] = (byte)kind;
        payload.CopyTo(data[2..]);
        Span<byte> hash = stackalloc byte[32];
        key.Mac(data, hash);
        hash[..TagLength].CopyTo(tag);
    }

    private static void Mask(TrackingKey key, ReadOnlySpan<byte> firstAndTag, Span<byte> payload)
    {
        Span<byte> hash = stackalloc byte[32];
        key.Mask(firstAndTag, hash);
        for (var i = 0; i < PayloadLength; i++)
        {
            payload[i] ^= hash[i];
        }
    }

    // Five bytes are eight characters, so 25 bytes leave no spare bits and no second spelling.
    private static void Encode(ReadOnlySpan<byte> bytes, Span<char> characters)
    {
        for (int from = 0, to = 0; from < TotalLength; from += 5, to += 8)
        {
            var bits = ((ulong)bytes[from] << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[(from + 1)..]);
            for (var i = 7; i >= 0; i--, bits >>= 5)
            {
                characters[to + i] = Alphabet[(int)(bits & 31)];
            }
        }
    }

    private static bool TryDecode(ReadOnlySpan<char> characters, Span<byte> bytes)
    {
        for (int from = 0, to = 0; from < Length; from += 8, to += 5)
        {
            ulong bits = 0;
            for (var i = 0; i < 8; i++)
            {
                var character = characters[from + i];
                if (character >= s_values.Length || s_values[character] < 0)
                {
                    return false;
                }

                bits = (bits << 5) | (byte)s_values[character];
            }

            bytes[to] = (byte)(bits >> 32);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(to + 1)..], (uint)bits);
        }

        return true;
    }

    private static sbyte[] Values()
    {
        var values = new sbyte[128];
        Array.Fill(values, (sbyte)-1);
        for (var i = 0; i < Alphabet.Length; i++)
        {
            values[Alphabet[i]] = (sbyte)i;
        }

        return values;
    }
}
