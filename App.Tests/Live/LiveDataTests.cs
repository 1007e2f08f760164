using Microsoft.AspNetCore.Components;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Live;

public sealed class LiveDataTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    private LiveUpdates Updates => _app.Services.GetRequiredService<LiveUpdates>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_section_shows_what_the_database_holds_and_follows_it_after_a_signal()
    {
        await using var section = await SectionAsync((db, token) => db.Organization.Select(row => row.Name).SingleAsync(token));
        var before = await section.HtmlAsync();

        await RenameAsync("Nordlicht & Co");
        Updates.Signal([LiveTopic.Settings]);

        Assert.Contains("<b>ScoreTracking</b>", before);
        await section.UntilAsync(html => html.Contains("<b>Nordlicht &amp; Co</b>"));
    }

    [Fact]
    public async Task A_signal_for_something_else_reads_nothing()
    {
        var reads = 0;
        await using var section = await SectionAsync((_, _) => Task.FromResult($"{Interlocked.Increment(ref reads)}"));

        Updates.Signal([LiveTopic.Campaigns, LiveTopic.Campaign(1)]);
        Updates.Signal(LiveTopic.Settings);
        await section.UntilAsync(html => html.Contains("<b>2</b>"));

        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task A_database_in_trouble_keeps_the_last_figures_says_so_and_recovers()
    {
        var failing = false;
        var reads = 0;
        await using var section = await SectionAsync((_, _) => Volatile.Read(ref failing)
            ? throw new SqliteException("database is locked", 5)
            : Task.FromResult($"{Interlocked.Increment(ref reads)}"));

        Volatile.Write(ref failing, true);
        Updates.Signal(LiveTopic.Settings);
        var troubled = await section.UntilAsync(html => html.Contains("could not be updated"));
        Volatile.Write(ref failing, false);
        Updates.Signal(LiveTopic.Settings);
        var recovered = await section.UntilAsync(html => !html.Contains("could not be updated"));

        Assert.Contains("<b>1</b>", troubled);
        Assert.Contains("Try again", troubled);
        Assert.Contains("<b>2</b>", recovered);
    }

    [Fact]
    public async Task A_mistake_in_a_query_reaches_the_page_and_is_not_swallowed()
    {
        await using var section = await SectionAsync((_, _) => throw new InvalidOperationException("a mistake"));

        Assert.Equal("a mistake", Assert.Single(section.Failures).Message);
    }

    [Fact]
    public async Task Leaving_the_page_cancels_its_query_and_stops_watching()
    {
        var begun = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        var section = await Rendering.BeginAsync<LiveData<string>>(_app.Services, Parameters(async (_, token) =>
        {
            begun.SetResult(token);
            await Task.Delay(Timeout.Infinite, token);
            return "";
        }));
        var token = await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var (loading, watchers) = (await section.HtmlAsync(), Updates.Watchers);

        await section.DisposeAsync();

        Assert.Contains("Loading", loading);
        Assert.Equal(1, watchers);
        Assert.True(token.IsCancellationRequested);
        Assert.Equal(0, Updates.Watchers);
    }

    [Fact]
    public void What_prerendering_read_is_handed_over_once_and_only_while_fresh()
    {
        var shelf = new LiveHandover.Shelf(_app.Clock);
        var values = new Dictionary<string, object?> { ["section"] = "figures" };

        var taken = shelf.Put(values);
        var first = shelf.Take(taken);
        var again = shelf.Take(taken);
        var late = shelf.Put(values);
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        var tooLate = shelf.Take(late);

        Assert.Equal("figures", first["section"]);
        Assert.Empty(again);
        Assert.Empty(tooLate);
    }

    private Task<Rendering> SectionAsync(Func<ScoreDb, CancellationToken, Task<string>> load) =>
        Rendering.OfAsync<LiveData<string>>(_app.Services, Parameters(load));

    private static (string, object?)[] Parameters(Func<ScoreDb, CancellationToken, Task<string>> load) =>
    [
        ("Topic", LiveTopic.Settings),
        ("Load", load),
        ("ChildContent", (RenderFragment<string>)(text => builder =>
        {
            builder.OpenElement(0, "b");
            builder.AddContent(1, text);
            builder.CloseElement();
        })),
    ];

    private async Task RenameAsync(string name)
    {
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await db.Organization.ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, name), TestContext.Current.CancellationToken);
    }
}
