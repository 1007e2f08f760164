using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

/// <summary>Under load ranks are gathered over several batches: nothing of it is lost or counted twice, whatever comes in between.</summary>
public sealed class GatheredRanksTests : GatheredRanksScene
{
    [Fact]
    public async Task Large_batches_are_ranked_later_and_verify_leaves_out_exactly_the_people_who_wait()
    {
        Store(Opens(contact: 1));
        Store([.. Enumerable.Range(0, Large).SelectMany(_ => Opens(contact: 2)), .. Opens(contact: 3)]);

        Assert.True(_store!.RanksWait);
        Assert.NotNull((await _app.ContactStateAsync(1)).Rank);
        Assert.Null((await _app.ContactStateAsync(2)).Rank);
        Assert.Empty(_app.Verify());
        await SpoilAsync(1, 2, 3, 4);
        Assert.Equal(["rank of contact 1", "rank of contact 4"], _app.Verify().Select(difference => difference.What));

        Assert.True(_store.WriteRanks());
        Assert.Equal([2L, 3L], _store.Contacts.Order());
        await SpoilAsync(2);
        Assert.Contains("rank of contact 2", _app.Verify().Select(difference => difference.What));
        Assert.False(_store.WriteRanks());
    }

    [Fact]
    public async Task A_small_batch_writes_what_larger_ones_before_it_left()
    {
        Store([.. Enumerable.Range(1, Contacts).SelectMany(contact => Enumerable.Repeat(contact, 6)).SelectMany(contact => Opens(contact))]);
        Assert.True(_store!.RanksWait);

        Store(Opens(contact: 7));

        Assert.False(_store.RanksWait);
        await AssertExactAsync();
    }

    [Fact]
    public async Task A_batch_that_is_rolled_back_takes_nothing_with_it_and_leaves_nothing()
    {
        Store(Many(contact: 1));
        Refuse(Many(contact: 2));
        Refuse(Opens(contact: 3));
        Assert.True(_store!.RanksWait);

        Assert.True(_store.WriteRanks());

        Assert.Equal([1L], _store.Contacts);
        Assert.Equal(_position, Cursor("engagement"));
        await AssertExactAsync();
        Store(Many(contact: 1));
        Execute("CREATE TRIGGER full BEFORE UPDATE ON contact_state BEGIN SELECT RAISE(ABORT, 'full'); END");
        Assert.Throws<SqliteException>(() => _store.WriteRanks());
        Execute("DROP TRIGGER full");
        Assert.True(_store.WriteRanks());
        await AssertExactAsync();
    }

    [Fact]
    public async Task What_changes_a_rank_without_news_of_the_person_is_never_put_off()
    {
        Store(Opens(contact: 1));
        Store(Opens(contact: 1));
        var last = _position;

        Store([ByHand(last, Verdict.Scanner), .. Many(contact: 2)]);

        Assert.True(_store!.RanksWait);
        Assert.Equal([1L], _store.Contacts);
        var state = await _app.ContactStateAsync(1);
        Assert.Equal(1, EngagementScore.ScoreAt(state.Rank, DateTimeOffset.FromUnixTimeMilliseconds(state.RankAt), 30), 12);
        Kill();
        await AssertExactAsync();
    }

    [Fact]
    public async Task After_a_kill_those_behind_are_ranked_before_anything_else_and_nobody_twice()
    {
        Store(Opens(contact: 1));
        Store([.. Many(contact: 2), .. Opens(contact: 3)]);
        var (rebuilt, before) = (2, Cursor("engagement"));
        Assert.True(before < Cursor("writer"));

        Kill();

        Assert.Equal(rebuilt, _store!.RankRebuilds);
        Assert.Equal(Cursor("writer"), Cursor("engagement"));
        await AssertExactAsync();
        Kill();
        Assert.Equal(0, _store.RankRebuilds);
    }

    [Fact]
    public async Task A_database_of_a_release_that_ranked_every_batch_is_taken_as_it_is()
    {
        Store(Opens(contact: 1));
        Execute("DELETE FROM cursors WHERE name = 'engagement'");
        await SpoilAsync(1);
        Assert.Single(_app.Verify());

        Kill();

        Assert.Equal(0, _store!.RankRebuilds);
        Assert.Equal(Cursor("writer"), Cursor("engagement"));
    }

    [Fact]
    public async Task Whoever_waits_for_a_large_batch_finds_its_ranks()
    {
        await _app.StoreAsync(Many(contact: 1));

        Assert.NotNull((await _app.ContactStateAsync(1)).Rank);
        await AssertExactAsync();
    }

    [Fact]
    public async Task Verify_is_clean_at_any_moment_under_load_and_in_the_end_everybody_is_ranked()
    {
        var random = new Random(1);
        var (intake, waited) = (_app.Services.GetRequiredService<EventIntake>(), 0);
        for (var i = 0; i < 12; i++)
        {
            await intake.StoreAsync(Storm(random, 2_500), Lane.Report, CancellationToken.None);
        }

        while (Cursor("writer") < _app.Services.GetRequiredService<Inbox>().Last)
        {
            waited += Cursor("engagement") < Cursor("writer") ? 1 : 0;
            Assert.Empty(_app.Verify());
        }

        Assert.True(waited > 0, "Nothing was ever put off: that proves nothing.");
        await Eventually.TrueAsync(() => Cursor("engagement") == Cursor("writer"));
        await AssertExactAsync();
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Storms_with_kills_failures_verdicts_by_hand_and_new_weights_end_in_the_ranks_of_the_log(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var storm = Storm(random, random.Next(4) == 0 ? 40 : Large + random.Next(400));
            if (random.Next(3) == 0)
            {
                Refuse(storm);
            }

            Store(storm);
            Assert.Empty(_app.Verify());
            switch (random.Next(5))
            {
                case 0:
                    Kill();
                    break;
                case 1:
                    _store!.WriteRanks();
                    break;
                case 2:
                    await ChangeWeightsAsync(random, () => Store(Storm(random, Large)));
                    break;
                default:
                    break;
            }

            Assert.Empty(_app.Verify());
        }

        if (seed == 3)
        {
            Kill();
        }
        else
        {
            _store!.WriteRanks();
        }

        await AssertExactAsync();
    }
}
