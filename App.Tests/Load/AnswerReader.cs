using System.Buffers.Text;

namespace ScoreTracking.Tests.Load;

/// <summary>Reads one HTTP/1.1 answer at a time from a keep-alive connection, as far as our own servers and nginx speak it: with Content-Length or chunked, never pipelined.</summary>
public sealed class AnswerReader
{
    private byte[] _buffer = new byte[4096];
    private int _length;
    private int _bodyAt;
    private int _bodyLength;

    /// <summary>Where the next bytes belong.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_length == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            return _buffer.AsMemory(_length);
        }
    }

    public int Status { get; private set; }

    /// <summary>False where the answer says that its event was not stored.</summary>
    public bool SaysStored { get; private set; }

    /// <summary>As it came, chunk lines included. Valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyAt, _length - _bodyAt);

    /// <summary>Takes the bytes received into <see cref="Free"/>. True once the answer is whole.</summary>
    /// <exception cref="IOException">Not an answer of HTTP/1.1.</exception>
    public bool Advance(int received)
    {
        _length += received;
        if (_bodyAt == 0)
        {
            var end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return false;
            }

            _bodyAt = end + 4;
            ReadHead(_buffer.AsSpan(0, _bodyAt));
        }

        return _bodyLength >= 0 ? _length - _bodyAt >= _bodyLength : Body.EndsWith("0\r\n\r\n"u8);
    }

    /// <summary>Makes ready for the next answer.</summary>
    public void Clear() => (_length, _bodyAt, _bodyLength) = (0, 0, 0);

    private void ReadHead(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
        {
            throw new IOException("Not an answer of HTTP/1.1.");
        }

        Status = status;
        SaysStored = head.IndexOf("X-Event-Stored: 0\r\n"u8) < 0;
        var length = head.IndexOf("Content-Length: "u8);
        _bodyLength = head.IndexOf("Transfer-Encoding: chunked\r\n"u8) >= 0 ? -1
            : length >= 0 && Utf8Parser.TryParse(head[(length + 16)..], out int bytes, out _) ? bytes
            : 0;
    }
}
