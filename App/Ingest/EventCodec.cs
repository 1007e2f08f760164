using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>How a reported event lies in the inbox: a version byte, the fixed members, a bit set of the optional ones present, then those. Smaller and ten times faster than JSON; read back only by this server.</summary>
/// <remarks>A new optional member goes to the end: rows of older releases lack its bit, and older releases read past it. Anything else is a new version.</remarks>
internal static class EventCodec
{
    private const byte Version = 1;

    // The same with the reclassified event behind the other numbers.
    private const byte Reclassification = 2;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_buffer;

    public static byte[] Write(EmailEvent reported)
    {
        var buffer = s_buffer ??= new ArrayBufferWriter<byte>(512);
        buffer.ResetWrittenCount();

        var head = buffer.GetSpan(32);
        head[0] = reported.Reclassifies == 0 ? Version : Reclassification;
        head[1] = (byte)reported.Type;
        head[2] = (byte)reported.Source;
        head[3] = (byte)reported.Bounce;
        head[4] = (byte)reported.KnownVerdict;
        BinaryPrimitives.WriteInt32LittleEndian(head[5..], (int)reported.KnownReasons);
        BinaryPrimitives.WriteInt64LittleEndian(head[9..], reported.OccurredAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64LittleEndian(head[17..], reported.ReceivedAt.ToUnixTimeMilliseconds());
        buffer.Advance(25);
        Number(buffer, reported.MessageId);
        Number(buffer, reported.CampaignId);
        Number(buffer, reported.LinkId);
        Number(buffer, reported.ConnectionId);
        if (reported.Reclassifies != 0)
        {
            Number(buffer, reported.Reclassifies);
        }

        ReadOnlySpan<string?> texts =
        [
            reported.SourceKey, reported.CustomerId, reported.CustomerEmail, reported.EspMessageId, reported.Url,
            reported.Reason, reported.IpAddress, reported.UserAgent, reported.Metadata, reported.Normalised,
            reported.RefererHost, reported.EdgeCountry,
        ];
        var present = 0;
        for (var i = 0; i < texts.Length; i++)
        {
            present |= texts[i] is null ? 0 : 1 << i;
        }

        Number(buffer, present);
        foreach (var text in texts)
        {
            if (text is not null)
            {
                Text(buffer, text);
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">Not written by this codec.</exception>
    public static EmailEvent Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 29 || bytes[0] is not (Version or Reclassification))
        {
            throw new InvalidDataException("An inbox row is not an event of this version.");
        }

        var rest = bytes[25..];
        var messageId = Number(ref rest);
        var campaignId = Number(ref rest);
        var linkId = Number(ref rest);
        var connectionId = Number(ref rest);
        var reclassifies = bytes[0] == Reclassification ? Number(ref rest) : 0;
        var present = (int)Number(ref rest);
        return new EmailEvent
        {
            Type = (EventType)bytes[1],
            Source = (EventSource)bytes[2],
            Bounce = (BounceKind)bytes[3],
            KnownVerdict = (Verdict)bytes[4],
            KnownReasons = (VerdictReasons)BinaryPrimitives.ReadInt32LittleEndian(bytes[5..]),
            OccurredAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(bytes[9..])),
            ReceivedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(bytes[17..])),
            MessageId = messageId,
            CampaignId = campaignId,
            LinkId = linkId,
            ConnectionId = connectionId,
            Reclassifies = reclassifies,
            SourceKey = Text(ref rest, present, 0),
            CustomerId = Text(ref rest, present, 1),
            CustomerEmail = Text(ref rest, present, 2),
            EspMessageId = Text(ref rest, present, 3),
            Url = Text(ref rest, present, 4),
            Reason = Text(ref rest, present, 5),
            IpAddress = Text(ref rest, present, 6),
            UserAgent = Text(ref rest, present, 7),
            Metadata = Text(ref rest, present, 8),
            Normalised = Text(ref rest, present, 9),
            RefererHost = Text(ref rest, present, 10),
            EdgeCountry = Text(ref rest, present, 11),
        };
    }

    private static void Number(ArrayBufferWriter<byte> buffer, long value)
    {
        var bits = (ulong)value;
        var span = buffer.GetSpan(10);
        var length = 0;
        while (bits >= 0x80)
        {
            span[length++] = (byte)(bits | 0x80);
            bits >>= 7;
        }

        span[length++] = (byte)bits;
        buffer.Advance(length);
    }

    private static long Number(ref ReadOnlySpan<byte> rest)
    {
        ulong bits = 0;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            bits |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return (long)bits;
            }
        }

        throw new InvalidDataException("An inbox row ends inside a number.");
    }

    private static void Text(ArrayBufferWriter<byte> buffer, string text)
    {
        Number(buffer, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, buffer);
    }

    private static string? Text(ref ReadOnlySpan<byte> rest, int present, int index)
    {
        if ((present & (1 << index)) == 0)
        {
            return null;
        }

        var length = (int)Number(ref rest);
        if (length < 0 || length > rest.Length)
        {
            throw new InvalidDataException("An inbox row ends inside a text.");
        }

        var text = Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }
}
