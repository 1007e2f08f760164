using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

/// <summary>New weights: everybody is ranked again beside the ranks in effect, and then all at once.</summary>
public sealed class RankingTests : IAsyncLifetime
{
    private static readonly TimeSpan s_oneContact = TimeSpan.Zero;

    private TestApp _app = new();
    private readonly List<long> _contacts = [];
    private readonly Dictionary<long, List<long>> _messages = [];

    public async ValueTask InitializeAsync()
    {
        var campaigns = new[] { await _app.GivenCampaignAsync(), await _app.GivenCampaignAsync() };
        for (var i = 0; i < 6; i++)
        {
            var contact = await _app.GivenContactAsync();
            _contacts.Add(contact);
            _messages[contact] = [await _app.GivenMessageAsync(campaigns[0], contactId: contact), await _app.GivenMessageAsync(campaigns[1], contactId: contact)];
        }

        await _app.StoreAsync([.. _contacts.Take(4).SelectMany((contact, i) => new[]
        {
            Some.Event(_messages[contact][0], EventType.Opened, TimeSpan.FromDays(i)),
            Some.Event(_messages[contact][0], EventType.Clicked, TimeSpan.FromDays(i + 3)),
            Some.Event(_messages[contact][1], i % 2 == 0 ? EventType.Opened : EventType.Replied, TimeSpan.FromDays(9 - i)),
        })]);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Changing_weights_and_half_life_ranks_everybody_anew()
    {
        var answer = await PatchAsync("""{"score_half_life_days":7,"score_weights":{"open":3,"reply":50}}""");
        Assert.Equal("""{"open":3,"click":5,"reply":50}""", answer["score_weights"]!.ToJsonString());
        await RankedAsync();

        await AssertScoresAsync(7, 3, 5, 50);
        Assert.Empty(_app.Verify());
        await _app.StoreAsync(Some.Event(_messages[_contacts[5]][0], EventType.Opened, TimeSpan.FromDays(20)), Some.Event(_messages[_contacts[0]][0], EventType.Opened, TimeSpan.FromDays(21)));
        await AssertScoresAsync(7, 3, 5, 50);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Until_all_are_ranked_anew_the_weights_before_are_in_effect_and_nothing_that_happens_meanwhile_is_lost()
    {
        await WantAsync(halfLife: 10, opened: 2, clicked: 1, replied: 0);
        using (var ranking = Rank())
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(RankingStep.More, ranking.Step(s_oneContact, 1));
            }

            // Ranked already, not yet, new, and weighed by neither old nor new weights alone.
            await _app.StoreAsync(
                Some.Event(_messages[_contacts[0]][0], EventType.Opened, TimeSpan.FromDays(12)),
                Some.Event(_messages[_contacts[1]][1], EventType.Opened, TimeSpan.FromHours(1)),
                Some.Event(_messages[_contacts[4]][0], EventType.Clicked, TimeSpan.FromDays(12)));
            var late = await _app.GivenContactAsync();
            await _app.StoreAsync(Some.Event(await _app.GivenMessageAsync(await _app.GivenCampaignAsync(), contactId: late), EventType.Opened, TimeSpan.FromDays(13)));
            await AssertScoresAsync(30, 1, 5, 20);
            Assert.Equal("""{"processed":3,"total":6}""", (await SettingsAsync())["score_rebuild"]!.ToJsonString());
            Assert.Empty(_app.Verify());

            for (var step = RankingStep.More; step == RankingStep.More;)
            {
                step = ranking.Step(s_oneContact, 1);
            }

            Assert.Equal(RankingStep.Nothing, ranking.Step(s_oneContact, 1));
        }

        await AssertScoresAsync(10, 2, 1, 0);
        Assert.Null((await SettingsAsync())["score_rebuild"]);
        Assert.Empty(_app.Verify());
        await using var db = _app.Database();
        Assert.False(await db.NextRanks.AnyAsync());
        Assert.Single(await db.ScoreWeights.ToListAsync());
        Assert.Contains("contact_state_rank", await db.Database.SqlQuery<string>($"SELECT name AS Value FROM sqlite_schema WHERE type = 'index'").ToListAsync());
    }

    [Fact]
    public async Task A_stop_in_the_middle_goes_on_at_the_next_start()
    {
        await WantAsync(halfLife: 60, opened: 1, clicked: 5, replied: 20);
        using (var ranking = Rank())
        {
            ranking.Step(s_oneContact, 1);
        }

        await _app.StopKeepingDataAsync();
        _app = new TestApp(dataDirectory: _app.DataDirectory);
        await RankedAsync();

        await AssertScoresAsync(60, 1, 5, 20);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Weights_overtaken_by_others_leave_nothing_behind()
    {
        await WantAsync(halfLife: 60, opened: 9, clicked: 9, replied: 9);
        using (var ranking = Rank())
        {
            ranking.Step(s_oneContact, 1);
            ranking.Step(s_oneContact, 1);
        }

        await PatchAsync("""{"score_half_life_days":5,"score_weights":{"open":4,"click":4,"reply":4}}""");
        await RankedAsync();

        await AssertScoresAsync(5, 4, 4, 4);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Back_to_what_is_in_effect_there_is_nothing_to_do()
    {
        await WantAsync(halfLife: 60, opened: 9, clicked: 9, replied: 9);
        using (var ranking = Rank())
        {
            ranking.Step(s_oneContact, 1);
        }

        var answer = await PatchAsync("""{"score_half_life_days":30,"score_weights":{"open":1,"click":5,"reply":20}}""");

        Assert.Null(answer["score_rebuild"]);
        await AssertScoresAsync(30, 1, 5, 20);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Why_a_contact_has_its_score_adds_up_to_it()
    {
        await using var db = _app.Database();
        var now = Some.Noon + TimeSpan.FromDays(40);

        var why = await ContactEngagementQuery.RunAsync(db, _contacts[1], now, TestContext.Current.CancellationToken);

        Assert.Equal([EventType.Replied, EventType.Clicked, EventType.Opened], why.Select(scored => scored.Type));
        Assert.Equal([20d, 5, 1], why.Select(scored => scored.Weight));
        Assert.Equal(EngagementScore.ScoreAt((await _app.ContactStateAsync(_contacts[1])).Rank, now, 30), why.Sum(scored => scored.Left), 1e-10);
        Assert.Empty(await ContactEngagementQuery.RunAsync(db, _contacts[5], now, TestContext.Current.CancellationToken));
    }

    private Ranking Rank() => new(new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "wal_autocheckpoint=0"));

    // As a change does it, but nobody is woken.
    private async Task WantAsync(double halfLife, double opened, double clicked, double replied)
    {
        await using var db = _app.Database();
        db.ScoreWeights.Add(new ScoreWeights { HalfLifeDays = halfLife, Opened = opened, Clicked = clicked, Replied = replied });
        await db.SaveChangesAsync();
    }

    private Task RankedAsync() => Eventually.TrueAsync(async () => (await SettingsAsync())["score_rebuild"] is null);

    private async Task AssertScoresAsync(double halfLife, double opened, double clicked, double replied)
    {
        var now = Some.Noon + TimeSpan.FromDays(30);
        var naive = await _app.NaiveScoresAsync(now, halfLife, opened, clicked, replied);
        await using var db = _app.Database();
        var states = await db.ContactStates.ToListAsync();
        Assert.All(states, state => Assert.Equal(naive.GetValueOrDefault(state.ContactId), EngagementScore.ScoreAt(state.Rank, now, halfLife), 1e-9));
    }

    private async Task<JsonNode> SettingsAsync() =>
        (await _app.Api.GetFromJsonAsync<JsonNode>("/api/v1/settings", TestContext.Current.CancellationToken))!["data"]!;

    private async Task<JsonNode> PatchAsync(string body)
    {
        var response = await _app.Api.PatchAsync("/api/v1/settings", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["data"]!;
    }
}
