using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>An event that can never be stored costs only itself; trouble of the moment costs none.</summary>
public sealed class PoisonTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static TheoryData<Exception, bool> Faults => new()
    {
        { new SqliteException("constraint", 19), true },
        { new SqliteException("too big", 18), true },
        { new SqliteException("busy", 5), false },
        { new SqliteException("disk I/O", 10), false },
        { new SqliteException("full", 13), false },
        { new InvalidOperationException(), true },
        { new KeyNotFoundException(), true },
        { new OverflowException(), true },
        { new OutOfMemoryException(), false },
        { new IOException(), false },
        { new FileNotFoundException("A library was replaced while we run."), false },
        { new UnauthorizedAccessException(), false },
        { new OperationCanceledException(), false },
        { new EventNotStoredException("The server is stopping."), false },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Only_what_would_fail_again_is_the_event_s_fault(Exception fault, bool poison)
    {
        Assert.Equal(poison, StoreFaults.IsPoison(fault));
        Assert.True(poison || StoreFaults.IsPassing(fault));
    }

    [Fact]
    public async Task Of_a_batch_with_one_that_is_refused_all_others_are_stored_once_though_trouble_comes_in_between()
    {
        var campaign = await _app.GivenCampaignAsync();
        var good = await _app.GivenMessageAsync(campaign);
        var refused = await _app.GivenMessageAsync(campaign);
        var troubled = await _app.GivenMessageAsync(campaign);
        await SqlAsync($"CREATE TRIGGER refused BEFORE INSERT ON events WHEN new.message_id = {refused} BEGIN SELECT RAISE(ABORT, 'refused'); END");

        // Not a constraint but an error of SQL: nothing the event could be blamed for.
        await SqlAsync($"CREATE TRIGGER troubled BEFORE INSERT ON events WHEN new.message_id = {troubled} BEGIN SELECT json('trouble'); END");

        var position = await _app.Services.GetRequiredService<EventIntake>().StoreAsync(
            [Some.Event(good, EventType.Delivered), Some.Event(refused, EventType.Delivered), Some.Event(troubled, EventType.Delivered)], Lane.Report, Token);
        await Eventually.TrueAsync(async () => await CountAsync() is (1, 1));
        await SqlAsync("DROP TRIGGER troubled");
        await _app.StoredAsync(position);

        Assert.Equal((2, 1), await CountAsync());
        Assert.Equal((2, 2), await _app.CountAsync(campaign, EventType.Delivered));
        Assert.Empty(_app.Verify());
    }

    private async Task<(int Stored, int SetAside)> CountAsync()
    {
        await using var db = _app.Database();
        return (await db.Events.CountAsync(Token), await db.UnmatchedEvents.CountAsync(Token));
    }

    private async Task SqlAsync(string sql)
    {
        await using var connection = _app.Services.GetRequiredService<SqliteFile>().Open();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own words and numbers.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }
}
