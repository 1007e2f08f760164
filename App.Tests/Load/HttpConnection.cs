using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Tests.Load;

/// <summary>What a server answered.</summary>
/// <param name="SaysStored">False where it says that the event was not stored.</param>
public readonly record struct Answer(int Status, bool SaysStored, string Body);

/// <summary>One keep-alive connection on loopback that sends prepared bytes and awaits each answer. For the crash test, and for looking at a server under load without disturbing it.</summary>
public sealed class HttpConnection(int port) : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly AnswerReader _reader = new();

    /// <summary>Bytes of a request with the host header and whatever else is given; a body brings its own length.</summary>
    public static byte[] Request(string method, string path, string headers = "", string body = "") => Encoding.UTF8.GetBytes(
        body.Length == 0
            ? $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"
            : $"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <exception cref="SocketException">The server is gone.</exception>
    /// <exception cref="IOException">The server closed the connection before it had answered.</exception>
    public async Task<Answer> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        if (!_socket.Connected)
        {
            await _socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        }

        while (request.Length > 0)
        {
            request = request[await _socket.SendAsync(request, cancellationToken)..];
        }

        _reader.Clear();
        int received;
        do
        {
            received = await _socket.ReceiveAsync(_reader.Free, cancellationToken);
            if (received == 0)
            {
                throw new IOException("The server closed the connection before it had answered.");
            }
        }
        while (!_reader.Advance(received));

        return new Answer(_reader.Status, _reader.SaysStored, Encoding.UTF8.GetString(_reader.Body));
    }

    public void Dispose() => _socket.Dispose();
}
