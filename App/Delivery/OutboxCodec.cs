using System.Text;

namespace ScoreTracking.Delivery;

/// <summary>How a group of the outbox lies on disk: a version byte, and record after record of what was noted, what came of it and what is forgotten. Read back only by this server.</summary>
internal sealed class OutboxCodec : IDisposable
{
    private const byte Version = 1;
    private const byte Removal = 255;

    private readonly MemoryStream _bytes = new();
    private readonly BinaryWriter _writer;

    public OutboxCodec() => _writer = new BinaryWriter(_bytes, Encoding.UTF8);

    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Write(IEnumerable<OutboxRecord> records)
    {
        _bytes.SetLength(0);
        _writer.Write(Version);
        foreach (var (outcome, isRemoval) in records)
        {
            Write(outcome, isRemoval);
        }

        _writer.Flush();
        return _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);
    }

    /// <exception cref="InvalidDataException">Another release wrote it.</exception>
    public static IEnumerable<OutboxRecord> Read(byte[] group)
    {
        var bytes = new MemoryStream(group);
        using var reader = new BinaryReader(bytes, Encoding.UTF8);
        if (reader.ReadByte() != Version)
        {
            throw new InvalidDataException("The outbox was written by a newer release of ScoreTracking.");
        }

        while (bytes.Position < bytes.Length)
        {
            yield return Read(reader);
        }
    }

    public void Dispose() => _writer.Dispose();

    private void Write(AttemptOutcome outcome, bool isRemoval)
    {
        var attempt = outcome.Attempt;
        _writer.Write(isRemoval ? Removal : (byte)outcome.End);
        _writer.Write7BitEncodedInt64(attempt.MessageId);
        _writer.Write7BitEncodedInt(attempt.Number);
        if (isRemoval)
        {
            return;
        }

        _writer.Write7BitEncodedInt64(attempt.CampaignId);
        _writer.Write7BitEncodedInt64(attempt.ConnectionId);
        _writer.Write7BitEncodedInt64(attempt.FirstAt);
        _writer.Write(attempt.MimeId);
        _writer.Write7BitEncodedInt64(outcome.At);
        if (outcome.End == AttemptEnd.Open)
        {
            return;
        }

        _writer.Write7BitEncodedInt(outcome.Code);
        _writer.Write(outcome.Status);
        _writer.Write(outcome.Text);
        _writer.Write(outcome.EspMessageId);
    }

    private static OutboxRecord Read(BinaryReader reader)
    {
        var kind = reader.ReadByte();
        var (messageId, number) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt());
        if (kind == Removal)
        {
            return new OutboxRecord(new AttemptOutcome(new Attempt(messageId, 0, 0, number, 0, ""), AttemptEnd.Open, 0), IsRemoval: true);
        }

        var attempt = new Attempt(messageId, reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64(), number, reader.Read7BitEncodedInt64(), reader.ReadString());
        var at = reader.Read7BitEncodedInt64();
        return new OutboxRecord((AttemptEnd)kind == AttemptEnd.Open
            ? new AttemptOutcome(attempt, AttemptEnd.Open, at)
            : new AttemptOutcome(attempt, (AttemptEnd)kind, at, reader.Read7BitEncodedInt(), reader.ReadString(), reader.ReadString(), reader.ReadString()));
    }
}

/// <summary>What is said of one attempt: that it is about to happen, or what came of it, or that it is to be forgotten.</summary>
internal readonly record struct OutboxRecord(AttemptOutcome Outcome, bool IsRemoval = false);
