using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Ingest;

namespace ScoreTracking.Tests.Load;

/// <summary>How long each section of a report takes over HTTP, for a large campaign and for one of 10,000 messages. Their events go through the inbox and the store like any others.</summary>
internal static partial class ReportsMeasure
{
    private const int Small = 10_000;
    private const int Batch = 1_000;
    private const int Cities = 400;
    private const int Answers = 200;

    // Filled and stored in turns, so that the inbox never holds a whole large campaign.
    private const int MessagesAtOnce = 500_000;

    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_longestSection = TimeSpan.FromSeconds(3);

    private static readonly string[] s_agents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
        "Mozilla/5.0",
    ];

    // After the address of the report; {link} and {middle} are a link and a cursor far inside the list.
    private static readonly (string Name, string Path)[] s_sections =
    [
        ("summary", ""),
        ("timeline by hour", "/timeline?interval=hour"),
        ("timeline by day", "/timeline?interval=day"),
        ("links", "/links"),
        ("clickers of a link", "/links/{link}/clickers"),
        ("countries", "/geo?event=open&by=country"),
        ("cities", "/geo?event=open&by=city"),
        ("clients", "/clients?event=open&by=client"),
        ("providers", "/providers"),
        ("variants", "/variants"),
        ("heatmap", "/heatmap?rows=subject&cols=html"),
        ("recipients", "/recipients"),
        ("… far inside", "/recipients?cursor={middle}"),
        ("… who clicked", "/recipients?status=clicked"),
        ("… who unsubscribed", "/recipients?status=unsubscribed"),
        ("… by address", "/recipients?sort=email"),
        ("… latest first", "/recipients?sort=-last_event"),
        ("… found by prefix", "/recipients?q=p00000004"),
        ("activity log", "/events"),
        ("… only complaints", "/events?type=complained"),
    ];

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        var small = await MeasureAsync(Path.Combine(directory, "small"), Small, cancellationToken);
        var large = await MeasureAsync(Path.Combine(directory, "large"), options.Messages, cancellationToken);
        Console.WriteLine();
        Console.WriteLine($"medians and 99th percentiles of {Answers} answers over HTTP, in ms; an answer without a query takes {small.Idle:N2} and {large.Idle:N2} of it");
        Console.WriteLine();
        Console.WriteLine($"{"",-24}{$"{Small:N0}",10}{$"{options.Messages:N0}",13}{"p99",9}{"ratio",8}");
        foreach (var (name, _) in s_sections)
        {
            if (small.Times.TryGetValue(name, out var few) && large.Times.TryGetValue(name, out var many))
            {
                Console.WriteLine($"{name,-24}{few.Median,10:N2}{many.Median,13:N2}{many.P99,9:N2}{many.Median / few.Median,8:N1}");
            }
            else
            {
                Console.WriteLine($"{name,-24}  not answered: {small.Wrong.GetValueOrDefault(name, large.Wrong.GetValueOrDefault(name, ""))}");
            }
        }

        return small.Wrong.Count + large.Wrong.Count;
    }

    private static async Task<Measured> MeasureAsync(string directory, int messages, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"Seeding {messages:N0} messages …");
        var seed = await Seed.MakeAsync(directory, messages, campaigns: 1, hasTest: true, cancellationToken);
        await WritePlacesAsync(directory, cancellationToken);
        var events = await StoreAsync(seed, cancellationToken);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Console.WriteLine($"{messages:N0} messages, {events:N0} events, {new FileInfo(seed.Main.Path).Length / 1e6:N0} MB");

        using var server = ServerProcess.Start(directory);
        Console.WriteLine($"ready after {(await server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken)).TotalSeconds:N1} s");
        using var connection = new HttpConnection(server.Port);
        var measured = new Measured(
            (await TimeAsync(connection, HttpConnection.Request("GET", "/healthz"), cancellationToken)).Median, [], []);
        var middle = await MiddleAsync(connection, messages, cancellationToken);
        foreach (var (name, path) in s_sections)
        {
            var request = Get($"/api/v1/campaigns/{PublicId.Campaign(1)}/report{path.Replace("{link}", PublicId.Link(1)).Replace("{middle}", middle)}");
            var answer = await connection.ExchangeAsync(request, cancellationToken);
            if (answer.Status == 200)
            {
                measured.Times[name] = await TimeAsync(connection, request, cancellationToken);
            }
            else
            {
                measured.Wrong[name] = $"{answer.Status} {answer.Body}";
            }
        }

        await server.TerminateAsync(TimeSpan.FromSeconds(30), cancellationToken);
        return measured;
    }

    // A cursor behind half of the first pages' way: pages are by key, so any depth is a page like the others.
    private static async Task<string> MiddleAsync(HttpConnection connection, int messages, CancellationToken cancellationToken)
    {
        var cursor = "";
        for (var page = 0; page < Math.Min(20, messages / 1_000); page++)
        {
            var answer = await connection.ExchangeAsync(Get($"/api/v1/campaigns/{PublicId.Campaign(1)}/report/recipients?limit=500{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}"), cancellationToken);
            cursor = NextCursor().Match(answer.Body).Groups["cursor"].Value;
        }

        return cursor;
    }

    /// <summary>Up to 200 answers, for at most some seconds.</summary>
    internal static async Task<Times> TimeAsync(HttpConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Answers && (times.Count < 5 || watch.Elapsed < s_longestSection); i++)
        {
            var started = Stopwatch.GetTimestamp();
            await connection.ExchangeAsync(request, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        return new Times(times[times.Count / 2], times[(int)((times.Count - 1) * 0.99)]);
    }

    internal static byte[] Get(string path) => HttpConnection.Request("GET", path, $"Authorization: Bearer {ServerProcess.ApiKey}\r\n");

    // 198.18.0.0/15 is set aside for benchmarks.
    private static async Task WritePlacesAsync(string directory, CancellationToken cancellationToken)
    {
        var places = new MmdbWriter("GeoLite2-City", TimeProvider.System.GetUtcNow());
        string[] countries = ["DE", "FR", "GB", "US", "IN", "BR", "JP", "PL", "ES", "IT"];
        for (var city = 0; city < Cities; city++)
        {
            places.Add(IPNetwork.Parse($"198.{18 + (city / 256)}.{city % 256}.0/24"), new Dictionary<string, object>
            {
                ["country"] = new Dictionary<string, object> { ["iso_code"] = countries[city % countries.Length] },
                ["city"] = new Dictionary<string, object> { ["names"] = new Dictionary<string, object> { ["en"] = $"City {city}" } },
            });
        }

        var folder = Directory.CreateDirectory(Path.Combine(directory, "geo"));
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "places.mmdb"), places.ToArray(), cancellationToken);
    }

    private static async Task<long> StoreAsync(Seed seed, CancellationToken cancellationToken)
    {
        var (events, watch) = (0L, Stopwatch.StartNew());
        var random = new Random(1);
        var start = TimeProvider.System.GetUtcNow() - s_week;
        for (var from = 1; from <= seed.Messages; from += MessagesAtOnce)
        {
            var until = Math.Min(seed.Messages, from + MessagesAtOnce - 1);
            using (var inbox = new Inbox(Options.Create(new StorageOptions { DataDirectory = seed.Directory }), seed.Main, NullLogger<Inbox>.Instance))
            {
                var intake = new EventIntake(inbox, Options.Create(new IngestOptions()));
                foreach (var batch in Enumerable.Range(from, until - from + 1).SelectMany(message => Life(message, start, random)).Chunk(Batch))
                {
                    await intake.StoreAsync(batch, Lane.Report, cancellationToken);
                    events += batch.Length;
                }
            }

            using var server = ServerProcess.Start(seed.Directory);
            await server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await server.DrainedAsync(cancellationToken);
            await server.TerminateAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{until:N0} messages, {events / watch.Elapsed.TotalSeconds:N0} events/s"));
        }

        return events;
    }

    // Sent, mostly delivered, opened by two in five, clicked by one in ten.
    private static IEnumerable<EmailEvent> Life(int message, DateTimeOffset start, Random random)
    {
        EmailEvent Event(EventType type, double hours) => new()
        {
            Type = type,
            Source = type.IsHit() ? EventSource.Tracking : EventSource.Api,
            MessageId = message,
            OccurredAt = start.AddHours(hours),
            ReceivedAt = start.AddHours(hours),
        };

        var sent = random.NextDouble();
        yield return Event(EventType.Sent, sent);
        var chance = random.Next(1_000);
        if (chance < 15)
        {
            yield return Event(EventType.Bounced, sent + 0.01) with { Bounce = chance < 5 ? BounceKind.Hard : BounceKind.Soft, Reason = "550 5.1.1" };
            yield break;
        }

        yield return Event(EventType.Delivered, sent + 0.01);
        if (chance < 600)
        {
            yield break;
        }

        var opened = sent + 0.1 + (160 * Math.Pow(random.NextDouble(), 4));
        var city = random.Next(Cities);
        var address = $"198.{18 + (city / 256)}.{city % 256}.{random.Next(1, 255)}";
        var agent = s_agents[random.Next(s_agents.Length)];
        yield return Event(EventType.Opened, opened) with { IpAddress = address, UserAgent = agent };
        if (chance >= 900)
        {
            yield return Event(EventType.Clicked, opened + 0.05) with { IpAddress = address, UserAgent = s_agents[0], LinkId = random.Next(1, Seed.LinksPerCampaign + 1) };
        }

        if (chance >= 997)
        {
            yield return Event(chance == 999 ? EventType.Complained : EventType.Unsubscribed, opened + 0.1);
        }
    }

    [GeneratedRegex("\"next_cursor\":\"(?<cursor>[^\"]+)\"")]
    private static partial Regex NextCursor();

    /// <summary>Milliseconds.</summary>
    internal readonly record struct Times(double Median, double P99);

    private sealed record Measured(double Idle, Dictionary<string, Times> Times, Dictionary<string, string> Wrong);
}
