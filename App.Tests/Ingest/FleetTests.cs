using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Ingest;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>What judging by neighbours costs, counted in messages folded anew, and how it is mended.</summary>
public sealed class FleetTests : IAsyncDisposable
{
    private const int Recipients = 300;

    private readonly TestApp _app = new();
    private readonly List<long> _messages = [];
    private readonly List<long> _links = [];
    private WriteConnection? _connection;
    private EventStore? _store;
    private long _position;

    [Fact]
    public async Task A_gateway_that_sweeps_every_mail_costs_each_mail_one_fold_and_not_one_per_sweep()
    {
        await GivenAsync();

        foreach (var message in _messages)
        {
            Store([.. _links.Select(link => Click(message, 0, link))]);
        }

        Assert.Equal(Recipients, _store!.Refolds);
        Assert.Empty(Differences());
    }

    [Fact]
    public async Task The_first_sweep_turns_the_single_clicks_around_it_and_the_next_finds_nothing_left_to_turn()
    {
        await GivenAsync();
        var (single, swept) = (_messages[..^3], _messages[^3..]);
        Store([.. single.Select((message, i) => Click(message, i * 1_000, _links[0]))]);
        Assert.Equal(0, _store!.Refolds);

        Store([.. _links.Select(link => Click(swept[0], 150_000, link))]);
        Assert.Equal(single.Count + 1, _store.Refolds);

        Store([.. _links.Select(link => Click(swept[1], 151_000, link)), .. _links.Select(link => Click(swept[2], 152_000, link))]);
        Assert.Equal(single.Count + 3, _store.Refolds);
        Assert.Empty(Differences());
    }

    [Fact]
    public async Task Opens_and_clicks_of_people_are_never_folded_anew()
    {
        await GivenAsync();

        foreach (var message in _messages)
        {
            Store(Open(message, 0));
            Store(Click(message, 60_000, _links[0]));
            Store(Open(message, 120_000));
        }

        Assert.Equal(0, _store!.Refolds);
        Assert.Empty(Differences());
    }

    [Fact]
    public async Task Rebuild_mends_bursts_first_and_then_the_verdicts_that_hang_on_them()
    {
        await GivenAsync();
        Store(Click(_messages[0], 0, _links[0]), Open(_messages[0], 30_000));
        Store([.. _links.Select(link => Click(_messages[1], 60_000, link))]);
        var right = Rows();

        _connection!.Execute("DELETE FROM bursts");
        _connection.Execute("INSERT INTO bursts VALUES (1, 7, 7, 7)");
        _connection.Execute("UPDATE events SET verdict = 1, reasons = 0");
        _connection.Execute("UPDATE message_state SET swept = 0");
        Assert.NotEmpty(Differences());
        CounterRebuild.Run(_connection, 0, CancellationToken.None);

        Assert.Empty(Differences());
        Assert.Equal(right, Rows());
    }

    public async ValueTask DisposeAsync()
    {
        _connection?.Dispose();
        await _app.DisposeAsync();
    }

    // The scene is set by the server; then the store is driven by hand, one transaction at a time.
    private async Task GivenAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        for (var i = 1; i <= 4; i++)
        {
            _links.Add(await _app.GivenLinkAsync(campaign, $"https://example.com/{i}", i));
        }

        for (var i = 0; i < Recipients; i++)
        {
            _messages.Add(await _app.GivenMessageAsync(campaign));
        }

        var (path, geo, erased) = (_app.Services.GetRequiredService<SqliteFile>().Path, _app.Services.GetRequiredService<GeoDatabase>(), _app.Services.GetRequiredService<ErasedPeople>());
        var policy = _app.Services.GetRequiredService<TrackingPolicy>();
        Assert.Equal(TrackingMode.Individual, policy.Current.Mode);
        await _app.StopKeepingDataAsync();
        _connection = new WriteConnection(path);
        _store = new EventStore(_connection, new Surroundings(_connection, geo), policy, erased);
    }

    private void Store(params EmailEvent[] reported)
    {
        var batch = reported.Select(one => new InboxEvent(++_position, one)).ToList();
        _store!.Store(batch, _position, awaited: true);
    }

    private IReadOnlyList<Difference> Differences()
    {
        var recount = new Recount(_connection!, 0);
        recount.Run(mend: null, CancellationToken.None);
        return recount.Differences;
    }

    private List<string> Rows()
    {
        var rows = new List<string>();
        foreach (var sql in (string[])
            [
                "SELECT campaign_id || ' ' || fingerprint || ' ' || at || ' ' || message_id FROM bursts ORDER BY 1",
                "SELECT id || ' ' || verdict || ' ' || reasons || ' ' || repeat FROM events ORDER BY id",
                "SELECT message_id || ' ' || status || ' ' || swept || ' ' || clicks FROM message_state ORDER BY message_id",
                "SELECT dimension || ' ' || key || ' ' || type || ' ' || verdict || ' ' || total || ' ' || uniq FROM counters WHERE total <> 0 OR uniq <> 0 ORDER BY 1",
            ])
        {
            var statement = _connection!.Prepare(sql);
            while (statement.Step())
            {
                rows.Add(statement.Text(0));
            }

            statement.Reset();
        }

        return rows;
    }

    private static EmailEvent Open(long message, int milliseconds) => Some.Event(message, EventType.Opened, TimeSpan.FromMilliseconds(milliseconds));

    private static EmailEvent Click(long message, int milliseconds, long link) =>
        Some.Event(message, EventType.Clicked, TimeSpan.FromMilliseconds(milliseconds), linkId: link);
}
