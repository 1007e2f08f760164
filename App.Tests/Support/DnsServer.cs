using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Tests.Support;

/// <summary>A name server of our own on loopback, by UDP and TCP. Says "no such name" of what it was not told.</summary>
public sealed class DnsServer : IAsyncDisposable
{
    private const int TypeA = 1;
    private const int TypeCname = 5;
    private const int TypeMx = 15;
    private const int TypeTxt = 16;

    // RFC 1035; our client says that it takes more, which this server does not believe.
    private const int MaxDatagram = 512;

    private readonly ConcurrentDictionary<(string Name, int Type), List<byte[]>> _records = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly UdpClient _datagrams;
    private readonly TcpListener _streams;
    private readonly Task _running;

    public DnsServer()
    {
        (_datagrams, _streams) = ListenToBoth();
        Address = _streams.LocalEndpoint.ToString()!;
        _running = Task.WhenAll(ServeDatagramsAsync(), ServeStreamsAsync());
    }

    public string Address { get; }

    /// <summary>What it answers to everything instead: 2 SERVFAIL, 5 REFUSED; −1: nothing at all.</summary>
    public int? Failure { get; set; }

    public int StreamsServed { get; private set; }

    public DnsServer Text(string name, params string[] texts) => Add(name, TypeTxt, texts.Select(Strings));

    public DnsServer Mail(string name, string server) => Add(name, TypeMx, [[0, 10, .. Name(server)]]);

    public DnsServer Host(string name, string address) => Add(name, TypeA, [IPAddress.Parse(address).GetAddressBytes()]);

    public DnsServer Alias(string name, string target) => Add(name, TypeCname, [Name(target)]);

    public void Forget(string name)
    {
        foreach (var key in _records.Keys.Where(key => key.Name == name))
        {
            _records.TryRemove(key, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _datagrams.Dispose();
        _streams.Stop();
        await _running;
        _stopping.Dispose();
    }

    /// <summary>The same port for datagrams and streams: one that is free for the first may be taken for the other.</summary>
    private static (UdpClient Datagrams, TcpListener Streams) ListenToBoth()
    {
        while (true)
        {
            var streams = new TcpListener(IPAddress.Loopback, 0);
            streams.Start();
            try
            {
                return (new UdpClient((IPEndPoint)streams.LocalEndpoint), streams);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                streams.Stop();
            }
        }
    }

    private DnsServer Add(string name, int type, IEnumerable<byte[]> data)
    {
        _records[(name, type)] = [.. data];
        return this;
    }

    private async Task ServeDatagramsAsync()
    {
        try
        {
            while (true)
            {
                var asked = await _datagrams.ReceiveAsync(_stopping.Token);
                if (Answer(asked.Buffer) is not { } answer)
                {
                    continue;
                }

                if (answer.Length > MaxDatagram)
                {
                    answer = answer[..Question(asked.Buffer).End];
                    answer[2] |= 0x02; // truncated: ask by TCP
                    answer.AsSpan(6, 6).Clear();
                }

                await _datagrams.SendAsync(answer, asked.RemoteEndPoint, _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task ServeStreamsAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _streams.AcceptTcpClientAsync(_stopping.Token);
                var stream = client.GetStream();
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stopping.Token);
                var asked = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(asked, _stopping.Token);
                var answer = Answer(asked) ?? [];
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)answer.Length);
                StreamsServed++;
                await stream.WriteAsync((byte[])[.. length, .. answer], _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            // Stopped.
        }
    }

    private byte[]? Answer(byte[] asked)
    {
        if (Failure == -1)
        {
            return null;
        }

        var (name, type, end) = Question(asked);
        var answers = new List<byte>();
        var count = 0;
        for (var at = name; Failure is null && at is not null;)
        {
            foreach (var data in _records.GetValueOrDefault((at, type), []))
            {
                Append(at, type, data);
            }

            var alias = _records.GetValueOrDefault((at, TypeCname), []);
            alias.ForEach(data => Append(at, TypeCname, data));
            at = alias.Count > 0 ? Read(alias[0], 0).Name : null;
        }

        var known = _records.Keys.Any(key => key.Name == name);
        byte[] head = [asked[0], asked[1], 0x81, (byte)(0x80 | (Failure ?? (known ? 0 : 3))), 0, 1, (byte)(count >> 8), (byte)count, 0, 0, 0, 0];
        return [.. head, .. asked[12..end], .. answers];

        void Append(string owner, int kind, byte[] data)
        {
            count++;
            answers.AddRange([.. Name(owner), 0, (byte)kind, 0, 1, 0, 0, 0, 60, (byte)(data.Length >> 8), (byte)data.Length, .. data]);
        }
    }

    private static (string Name, int Type, int End) Question(byte[] asked)
    {
        var (name, end) = Read(asked, 12);
        return (name.ToLowerInvariant(), BinaryPrimitives.ReadUInt16BigEndian(asked.AsSpan(end)), end + 4);
    }

    private static (string Name, int End) Read(byte[] message, int at)
    {
        var labels = new List<string>();
        for (; message[at] > 0; at += message[at] + 1)
        {
            labels.Add(Encoding.ASCII.GetString(message, at + 1, message[at]));
        }

        return (string.Join('.', labels), at + 1);
    }

    private static byte[] Name(string name) =>
        [.. name.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];

    private static byte[] Strings(string text) =>
        [.. Encoding.UTF8.GetBytes(text).Chunk(255).SelectMany(part => (byte[])[(byte)part.Length, .. part])];
}
