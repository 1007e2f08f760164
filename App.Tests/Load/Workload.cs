using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ScoreTracking.Tests.Load;

/// <summary>The requests of a burst. Each connection has a buffer of its own, valid until its next request.</summary>
public abstract class Workload
{
    /// <summary>Bytes of the connection's next request.</summary>
    public abstract ReadOnlyMemory<byte> Next(int connection);

    /// <summary>Events one accepted request stands for.</summary>
    public virtual int EventsPerRequest => 1;
}

/// <summary>Pixels or links fetched as mail clients do, each message of the seed once in random order, then all over again.</summary>
public sealed class HitWorkload(string path, byte[] trackingIds) : Workload
{
    private static readonly string[] s_agents =
    [
        "Mozilla/5.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 Thunderbird/140.2.0",
    ];

    private readonly int _idAt = "GET ".Length + path.Length;
    private readonly List<byte[]> _requests = [];
    private int _next;

    public override ReadOnlyMemory<byte> Next(int connection)
    {
        while (_requests.Count <= connection)
        {
            _requests.Add(Encoding.ASCII.GetBytes(
                $"GET {path}{new string('0', Seed.IdLength)} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {s_agents[_requests.Count % s_agents.Length]}\r\nAccept: */*\r\n\r\n"));
        }

        var request = _requests[connection];
        trackingIds.AsSpan(_next, Seed.IdLength).CopyTo(request.AsSpan(_idAt));
        _next = (_next + Seed.IdLength) % trackingIds.Length;
        return request;
    }
}

/// <summary>POST /api/v1/events with a thousand different events at a time: deliveries, opens and clicks of random messages, no event_id twice.</summary>
public sealed class EventsWorkload(int messages) : Workload
{
    private const int Events = 1_000;
    private const int EventIdDigits = 12;

    // One length for all ids, so that the next batch is patched over the last.
    private readonly int _messageDigits = (messages - 1).ToString(CultureInfo.InvariantCulture).Length;
    private readonly List<(byte[] Request, int[] EventIds, int[] MessageIds)> _requests = [];
    private readonly Random _random = new(1);
    private long _eventId;

    public override int EventsPerRequest => Events;

    public override ReadOnlyMemory<byte> Next(int connection)
    {
        while (_requests.Count <= connection)
        {
            _requests.Add(Prepare());
        }

        var (request, eventIds, messageIds) = _requests[connection];
        var lowest = (int)Math.Pow(10, _messageDigits - 1);
        for (var i = 0; i < Events; i++)
        {
            Utf8Formatter.TryFormat(++_eventId, request.AsSpan(eventIds[i], EventIdDigits), out _, new('D', EventIdDigits));
            Utf8Formatter.TryFormat(_random.Next(lowest, messages), request.AsSpan(messageIds[i], _messageDigits), out _);
        }

        return request;
    }

    private (byte[] Request, int[] EventIds, int[] MessageIds) Prepare()
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var body = new StringBuilder("[");
        for (var i = 0; i < Events; i++)
        {
            var rest = (i % 10) switch
            {
                < 6 => "\"event_type\":\"delivered\"",
                < 9 => "\"event_type\":\"opened\",\"metadata\":{\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\",\"ip\":\"203.0.113.7\"}",
                _ => $"\"event_type\":\"clicked\",\"metadata\":{{\"url\":\"{Seed.Url(1)}\",\"user_agent\":\"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)\",\"ip\":\"198.51.100.9\"}}",
            };
            body.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture,
                $"{{\"event_id\":\"load-{new string('E', EventIdDigits)}\",\"message_id\":\"msg_{new string('M', _messageDigits)}\",\"occurred_at\":\"{now}\",{rest}}}");
        }

        var request = HttpConnection.Request("POST", "/api/v1/events", $"Authorization: Bearer {ServerProcess.ApiKey}\r\n", body.Append(']').ToString());
        return (request, Places(request, "load-"u8), Places(request, "msg_"u8));
    }

    private static int[] Places(ReadOnlySpan<byte> request, ReadOnlySpan<byte> before)
    {
        var places = new List<int>(Events);
        for (var from = 0; request[from..].IndexOf(before) is >= 0 and var found;)
        {
            from += found + before.Length;
            places.Add(from);
        }

        return [.. places];
    }
}
