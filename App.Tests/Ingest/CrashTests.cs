using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Load;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>An acknowledged event is on disk: the real server as a process of its own, killed under load again and again on the same data directory.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Messages = 20_000;

    // Promised are three; a test machine has other things to do meanwhile.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-crash-").FullName;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("CRASH_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_killed_under_load_has_every_event_it_acknowledged_and_counts_it_once()
    {
        var seed = await Seed.MakeAsync(_directory, Messages, campaigns: 2, Cancellation);
        var acknowledged = new Acknowledgements();
        var load = new SteadyLoad(seed, acknowledged);
        var random = new Random();
        var server = ServerProcess.Start(_directory);
        try
        {
            await server.ReadyAsync(s_patience, Cancellation);
            for (var round = 1; round <= Rounds; round++)
            {
                var gone = load.UntilGoneAsync(server.Port, round, Cancellation);
                await Task.Delay(random.Next(300, 2_000), Cancellation);
                await Eventually.TrueAsync(() => acknowledged.Count > round * 10);
                server.Kill();
                await gone;
                server.Dispose();

                server = ServerProcess.Start(_directory);
                await server.ReadyAsync(s_patience, Cancellation);
                await server.DrainedAsync(Cancellation);

                Assert.Empty(load.Unexpected);
                Assert.True(acknowledged.Count > round * 10, $"Only {acknowledged.Count} events were acknowledged in {round} rounds: that proves nothing.");
                Assert.Empty(acknowledged.Broken(seed.Main.Path));
                AssertSound(seed.Main);
            }
        }
        finally
        {
            server.Dispose();
        }

        TestContext.Current.SendDiagnosticMessage($"{Rounds} kills, {acknowledged.Count} events acknowledged");
    }

    [Fact]
    public async Task A_server_asked_to_stop_under_load_stores_what_it_acknowledged_and_leaves_no_wal_behind()
    {
        var seed = await Seed.MakeAsync(_directory, Messages, campaigns: 2, Cancellation);
        var acknowledged = new Acknowledgements();
        var load = new SteadyLoad(seed, acknowledged);
        using var server = ServerProcess.Start(_directory);
        await server.ReadyAsync(s_patience, Cancellation);

        var gone = load.UntilGoneAsync(server.Port, seed: 1, Cancellation);
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
        await Eventually.TrueAsync(() => acknowledged.Count > 10);
        var exitCode = await server.TerminateAsync(s_patience, Cancellation);
        await gone;

        Assert.Equal(0, exitCode);
        Assert.Empty(load.Unexpected);
        Assert.True(acknowledged.Count > 10, $"Only {acknowledged.Count} events were acknowledged: that proves nothing.");
        Assert.All(Directory.GetFiles(_directory, "*-wal"), wal => Assert.Equal(0, new FileInfo(wal).Length));
        Assert.Empty(acknowledged.Broken(seed.Main.Path));
        AssertSound(seed.Main);
    }

    [Fact]
    public void An_acknowledged_event_that_is_missing_is_noticed()
    {
        var main = GivenLog(Open(id: 1), Delivery(id: 2, "here"));
        var acknowledged = new Acknowledgements();
        acknowledged.HitSent(EventType.Opened, messageId: 7);
        acknowledged.HitAcknowledged(EventType.Opened, messageId: 7);
        acknowledged.ReportSent(["here", "unanswered"]);
        acknowledged.ReportAcknowledged(["here"]);

        Assert.Empty(acknowledged.Broken(main.Path));

        acknowledged.HitSent(EventType.Opened, messageId: 7);
        acknowledged.HitAcknowledged(EventType.Opened, messageId: 7);
        acknowledged.HitSent(EventType.Clicked, messageId: 8, linkId: 3);
        acknowledged.HitAcknowledged(EventType.Clicked, messageId: 8, linkId: 3);
        acknowledged.ReportSent(["lost"]);
        acknowledged.ReportAcknowledged(["lost"]);

        Assert.Equal(
            ["(Clicked, 8, 3): 1 sent, 1 acknowledged, 0 stored", "(Opened, 7, 0): 2 sent, 2 acknowledged, 1 stored", "lost: acknowledged, 0 stored"],
            acknowledged.Broken(main.Path).Order());
    }

    [Fact]
    public void An_event_stored_twice_or_never_sent_is_noticed()
    {
        var main = GivenLog(Open(id: 1), Open(id: 2), Delivery(id: 3, "twice"), Delivery(id: 4, "twice"), Delivery(id: 5, "invented"));
        var acknowledged = new Acknowledgements();
        acknowledged.HitSent(EventType.Opened, messageId: 7);
        acknowledged.ReportSent(["twice"]);

        Assert.Equal(
            ["(Opened, 7, 0): 1 sent, 0 acknowledged, 2 stored", "api:invented: never sent, 1 stored", "twice: sent, 2 stored"],
            acknowledged.Broken(main.Path).Order());
    }

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    private static EventRow Open(long id) => new() { Id = id, MessageId = 7, Source = EventSource.Tracking, Type = EventType.Opened };

    private static EventRow Delivery(long id, string eventId) =>
        new() { Id = id, MessageId = 7, Source = EventSource.Api, Type = EventType.Delivered, Detail = $$"""{"source_key":"api:{{eventId}}"}""" };

    private SqliteFile GivenLog(params ReadOnlySpan<EventRow> rows)
    {
        var main = new SqliteFile(Path.Combine(_directory, "scoretracking.db"));
        Migrator.Apply(main);
        using var db = new ScoreDb(new DbContextOptionsBuilder<ScoreDb>().UseSqlite(main.ConnectionString).Options);
        db.AddRange(rows.ToArray());
        db.SaveChanges();
        return main;
    }

    // The file is whole, and every figure in it is what a recount of the log says.
    internal static void AssertSound(SqliteFile main)
    {
        using var connection = new WriteConnection(main.Path, "query_only=1", "wal_autocheckpoint=0");
        connection.Execute("BEGIN");
        var recount = new Recount(connection, 0);
        recount.Run(mend: null, Cancellation);
        var integrity = connection.Prepare("PRAGMA integrity_check");
        Assert.True(integrity.Step());
        Assert.Equal("ok", integrity.Text(0));
        integrity.Reset();
        connection.Execute("COMMIT");
        Assert.Empty(recount.Differences);
    }
}
