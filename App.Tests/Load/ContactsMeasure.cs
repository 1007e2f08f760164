using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Tests.Load;

/// <summary>How long pages of a long list of contacts take over HTTP, at any depth, by which index they are found, and how long scoring all of them anew takes.</summary>
internal static partial class ContactsMeasure
{
    private const int Batch = 1_000;
    private const int PageSize = 500;
    private const string Path = "/api/v1/contacts";

    private static readonly TimeSpan s_season = TimeSpan.FromDays(90);
    private static readonly TimeSpan s_longestRanking = TimeSpan.FromMinutes(30);

    public static async Task<int> RunAsync(Seed seed, LoadOptions options, CancellationToken cancellationToken)
    {
        var events = await StoreAsync(seed, cancellationToken);
        SqliteConnection.ClearAllPools();
        using (var server = ServerProcess.Start(seed.Directory))
        {
            await server.ReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
            await server.DrainedAsync(cancellationToken);
            Console.WriteLine($"{options.Contacts:N0} contacts, {events:N0} events, {new FileInfo(seed.Main.Path).Length / 1e6:N0} MB; pages of 50, in ms");
            Console.WriteLine();
            using var connection = new HttpConnection(server.Port);
            await MeasureAsync(connection, options.Contacts, cancellationToken);
            await RankAnewAsync(connection, cancellationToken);
            if (await server.TerminateAsync(TimeSpan.FromSeconds(60), cancellationToken) != 0)
            {
                Console.WriteLine($"The server did not stop cleanly: {server.Output}");
                return 1;
            }
        }

        PrintPlans(seed);
        return await Check.RunAsync(seed, events, unsure: 0, cancellationToken) ? 0 : 1;
    }

    private static async Task MeasureAsync(HttpConnection connection, int contacts, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{"",-36}{"median",9}{"p99",9}");
        Print("an answer without a query", await ReportsMeasure.TimeAsync(connection, HttpConnection.Request("GET", "/healthz"), cancellationToken));
        foreach (var (name, query, deepest) in new[]
        {
            ("by score", "?sort=-engagement_score", contacts), ("least score first", "?sort=engagement_score", 0), ("by address", "?sort=email", contacts / 4), ("newest first", "?sort=-created_at", contacts / 4),
        })
        {
            var cursor = "";
            for (var walked = 0; ;)
            {
                var depth = cursor.Length == 0 ? "first page" : $"behind {walked:N0}";
                Print($"{name}, {depth}", await TimeAsync(connection, query + cursor, cancellationToken));
                if (walked >= deepest)
                {
                    break;
                }

                var next = Math.Max(contacts / 4, PageSize) + walked;
                while (walked < next && await NextAsync(connection, $"{query}&limit={PageSize}{cursor}", cancellationToken) is { } found)
                {
                    (cursor, walked) = ($"&cursor={found}", walked + PageSize);
                }

                if (walked < next)
                {
                    break;
                }
            }
        }

        foreach (var query in new[] { "?min_score=10", "?min_score=25", "?min_score=40", "?min_score=99", "?q=p0000004", "?q=p000000499@example.com" })
        {
            Print(query, await TimeAsync(connection, query, cancellationToken));
        }

        Console.WriteLine();
    }

    private static void Print(string name, ReportsMeasure.Times times) => Console.WriteLine($"{name,-36}{times.Median,9:N2}{times.P99,9:N2}");

    private static async Task<ReportsMeasure.Times> TimeAsync(HttpConnection connection, string query, CancellationToken cancellationToken)
    {
        var answer = await connection.ExchangeAsync(ReportsMeasure.Get(Path + query), cancellationToken);
        return answer.Status == 200
            ? await ReportsMeasure.TimeAsync(connection, ReportsMeasure.Get(Path + query), cancellationToken)
            : throw new InvalidOperationException($"{query}: {answer.Status} {answer.Body}");
    }

    private static async Task<string?> NextAsync(HttpConnection connection, string query, CancellationToken cancellationToken)
    {
        var answer = await connection.ExchangeAsync(ReportsMeasure.Get(Path + query), cancellationToken);
        if (answer.Status != 200)
        {
            throw new InvalidOperationException($"{query}: {answer.Status} {answer.Body}");
        }

        // The body is as it came, and a line between two chunks may stand inside a cursor.
        var found = NextCursor().Match(BetweenChunks().Replace(answer.Body, ""));
        return found.Success ? found.Groups["cursor"].Value : null;
    }

    private static async Task RankAnewAsync(HttpConnection connection, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await connection.ExchangeAsync(
            HttpConnection.Request("PATCH", "/api/v1/settings", $"Authorization: Bearer {ServerProcess.ApiKey}\r\n", """{"score_half_life_days":45,"score_weights":{"click":7}}"""), cancellationToken);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (watch.Elapsed < s_longestRanking && (await connection.ExchangeAsync(ReportsMeasure.Get("/api/v1/settings"), cancellationToken)).Body.Contains("\"processed\"", StringComparison.Ordinal))
        {
            await poll.WaitForNextTickAsync(cancellationToken);
        }

        Console.WriteLine($"all scored anew by other weights in {watch.Elapsed.TotalSeconds:N1} s");
    }

    private static void PrintPlans(Seed seed)
    {
        using var connection = new WriteConnection(seed.Main.Path, "query_only=1", "wal_autocheckpoint=0");
        foreach (var part in ContactWalk.Parts(ContactFilter.Any, few: false, down: true, from: null))
        {
            var sql = ContactWalk.Rows(ContactFilter.Any, few: false, part);
            Console.WriteLine();
            Console.WriteLine(Blanks().Replace(sql, " "));
            var plan = connection.Prepare("EXPLAIN QUERY PLAN " + sql);
            while (plan.Step())
            {
                Console.WriteLine($"  {plan.Text(3)}");
            }

            plan.Reset();
        }
    }

    // Through the production inbox; a server stores it afterwards.
    private static async Task<long> StoreAsync(Seed seed, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync("Writing their opens, clicks and replies …");
        var events = 0L;
        var random = new Random(1);
        var start = TimeProvider.System.GetUtcNow() - s_season;
        using var inbox = new Inbox(Options.Create(new StorageOptions { DataDirectory = seed.Directory }), seed.Main, NullLogger<Inbox>.Instance);
        var intake = new EventIntake(inbox, Options.Create(new IngestOptions { MaxBacklog = 100_000_000 }));
        foreach (var batch in Enumerable.Range(1, seed.Messages).SelectMany(message => Life(message, start, random)).Chunk(Batch))
        {
            await intake.StoreAsync(batch, Lane.Report, cancellationToken);
            events += batch.Length;
        }

        return events;
    }

    // Half of all people never engage; one in five clicks, one in fifty answers.
    private static IEnumerable<EmailEvent> Life(int message, DateTimeOffset start, Random random)
    {
        EmailEvent Event(EventType type, DateTimeOffset at) => new()
        {
            Type = type,
            Source = type.IsHit() ? EventSource.Tracking : EventSource.Api,
            MessageId = message,
            OccurredAt = at,
            ReceivedAt = at,
            IpAddress = "198.18.0.1",
            UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
        };

        var chance = random.Next(100);
        if (chance < 50)
        {
            yield break;
        }

        var opened = start + (random.NextDouble() * s_season * 0.99);
        yield return Event(EventType.Opened, opened);
        if (chance >= 80)
        {
            yield return Event(EventType.Clicked, opened.AddMinutes(1)) with { LinkId = random.Next(1, Seed.LinksPerCampaign + 1) };
        }

        if (chance >= 98)
        {
            yield return Event(EventType.Replied, opened.AddMinutes(9));
        }
    }

    [GeneratedRegex("\"next_cursor\":\"(?<cursor>[^\"]+)\"")]
    private static partial Regex NextCursor();

    [GeneratedRegex("\r\n[0-9a-fA-F]+\r\n")]
    private static partial Regex BetweenChunks();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
