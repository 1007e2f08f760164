using System.Buffers;

namespace ScoreTracking.Tracking;

/// <summary>A growing text on pooled memory: a newsletter is rendered a thousand times a second, and its copies would all be large objects.</summary>
internal sealed class CharBuffer(int capacity) : IDisposable
{
    private char[] _characters = ArrayPool<char>.Shared.Rent(Math.Max(256, capacity));

    public int Length { get; private set; }

    public ReadOnlySpan<char> Written => _characters.AsSpan(0, Length);

    public void Append(char c) => Room(1)[0] = c;

    public void Append(ReadOnlySpan<char> text) => text.CopyTo(Room(text.Length));

    /// <summary>Takes back what was written behind this length.</summary>
    public void Cut(int length) => Length = Math.Min(Length, length);

    public override string ToString() => new(_characters, 0, Length);

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        _characters = [];
    }

    private Span<char> Room(int length)
    {
        if (Length + length > _characters.Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(Length + length, _characters.Length * 2));
            _characters.AsSpan(0, Length).CopyTo(larger);
            ArrayPool<char>.Shared.Return(_characters);
            _characters = larger;
        }

        var room = _characters.AsSpan(Length, length);
        Length += length;
        return room;
    }
}
