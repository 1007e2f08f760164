using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>How the event writer ends when nobody stops it first, as when a host fails to start.</summary>
public sealed class WriterEndTests : IAsyncDisposable
{
    private const int Messages = 40;

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_writer_disposed_of_in_the_middle_of_its_work_stores_what_waits_and_closes_its_files()
    {
        var campaign = await _app.GivenCampaignAsync();
        var messages = new List<long>();
        for (var i = 0; i < Messages; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        var intake = _app.Services.GetRequiredService<EventIntake>();
        foreach (var message in messages)
        {
            await intake.StoreAsync([Some.Event(message, EventType.Delivered)], Lane.Report, CancellationToken.None);
        }

        _app.Services.GetRequiredService<EventWriter>().Dispose();

        await using var db = _app.Database();
        Assert.Equal(Messages, await db.Events.CountAsync());
        Assert.Equal(0, new FileInfo(Path.Combine(_app.DataDirectory, "inbox.db-wal")) is { Exists: true } wal ? wal.Length : 0);
    }
}
