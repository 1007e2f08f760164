using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Tests.Load;

namespace ScoreTracking.Tests.Ingest;

/// <summary>About two thousand requests a second on a server that may die at any moment: pixels, clicks and reports of up to twenty events, each noted before it is sent and again when it is answered.</summary>
internal sealed class SteadyLoad(Seed seed, Acknowledgements noted)
{
    private const int Connections = 20;

    // A hundred requests a second on each connection.
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(10);

    private int _eventId;

    /// <summary>Requests whose answer never came.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Answers that were neither "stored" nor an honest "not stored".</summary>
    public List<string> Unexpected { get; } = [];

    /// <summary>Runs until every connection has lost its server.</summary>
    public Task UntilGoneAsync(int port, int seed, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Connections).Select(i => Task.Run(() => ConnectionAsync(port, new Random((seed * Connections) + i), cancellationToken), cancellationToken)));

    private async Task ConnectionAsync(int port, Random random, CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(s_pace);
        using var connection = new HttpConnection(port);
        try
        {
            while (await pace.WaitForNextTickAsync(cancellationToken))
            {
                await (random.Next(10) switch
                {
                    < 5 => OpenAsync(connection, random, cancellationToken),
                    < 8 => ClickAsync(connection, random, cancellationToken),
                    _ => ReportAsync(connection, random, cancellationToken),
                });
            }
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            lock (Unexpected)
            {
                Unanswered++;
            }
        }
    }

    private async Task OpenAsync(HttpConnection connection, Random random, CancellationToken cancellationToken)
    {
        var at = random.Next(seed.Messages);
        var messageId = seed.Order[at].MessageId;
        noted.HitSent(EventType.Opened, messageId);
        if (IsStored(await connection.ExchangeAsync(Get("/o/", seed.OpenIds, at), cancellationToken), 200))
        {
            noted.HitAcknowledged(EventType.Opened, messageId);
        }
    }

    private async Task ClickAsync(HttpConnection connection, Random random, CancellationToken cancellationToken)
    {
        var at = random.Next(seed.Messages);
        var (messageId, linkId) = seed.Order[at];
        noted.HitSent(EventType.Clicked, messageId, linkId);
        if (IsStored(await connection.ExchangeAsync(Get("/c/", seed.ClickIds, at), cancellationToken), 302))
        {
            noted.HitAcknowledged(EventType.Clicked, messageId, linkId);
        }
    }

    private async Task ReportAsync(HttpConnection connection, Random random, CancellationToken cancellationToken)
    {
        string[] eventIds = [.. Enumerable.Range(0, random.Next(1, 21)).Select(_ => string.Create(CultureInfo.InvariantCulture, $"crash-{Interlocked.Increment(ref _eventId)}"))];
        string[] types = ["sent", "delivered", "deferred", "bounced", "opened"];
        var events = eventIds.Select(id =>
            $$"""{"event_id":"{{id}}","message_id":"{{PublicId.Message(random.Next(1, seed.Messages + 1))}}","event_type":"{{types[random.Next(types.Length)]}}"}""");
        noted.ReportSent(eventIds);
        var request = HttpConnection.Request("POST", "/api/v1/events", $"Authorization: Bearer {ServerProcess.ApiKey}\r\n", $"[{string.Join(',', events)}]");
        if (IsStored(await connection.ExchangeAsync(request, cancellationToken), 202))
        {
            noted.ReportAcknowledged(eventIds);
        }
    }

    private static byte[] Get(string path, byte[] ids, int at) =>
        HttpConnection.Request("GET", path + Encoding.ASCII.GetString(ids, at * Seed.IdLength, Seed.IdLength), "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n");

    private bool IsStored(Answer answer, int expected)
    {
        var refused = answer is { SaysStored: false } or { Status: 503 };
        if (!refused && answer.Status != expected)
        {
            lock (Unexpected)
            {
                Unexpected.Add($"{answer.Status} instead of {expected}: {answer.Body}");
            }
        }

        return !refused && answer.Status == expected;
    }
}
