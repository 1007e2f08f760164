using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;

namespace ScoreTracking.Tests.Engagement;

public sealed class EngagementScoreTests
{
    private const double HalfLife = 30;

    private static readonly ScoreWeights s_weights = new() { HalfLifeDays = HalfLife, Opened = 1, Clicked = 5, Replied = 20 };

    [Fact]
    public void The_golden_example_of_the_rules()
    {
        var rank = Ranked((1, 0), (0.5, 0.1), (5, 0.1), (1, 10), (20, 20));

        Assert.Equal(5.304535298719437, rank!.Value, 14);
        Assert.Equal(15.683786092266812, EngagementScore.ScoreAt(rank, Day(40), HalfLife), 12);
    }

    [Theory, InlineData(1, 6.7), InlineData(5, 29.3), InlineData(20, 75.0), InlineData(0, 0), InlineData(1e6, 100)]
    public void A_score_is_shown_between_0_and_100(double score, double shown) => Assert.Equal(shown, EngagementScore.Shown(score));

    [Fact]
    public void Without_events_there_is_no_rank_and_the_score_is_0()
    {
        Assert.Equal((null, 0), EngagementScore.Of([], s_weights));
        Assert.Equal(0, EngagementScore.ScoreAt(null, Day(1), HalfLife));
    }

    [Fact]
    public void Half_of_a_score_is_left_after_a_half_life()
    {
        var rank = Ranked((5, 3));

        Assert.Equal(5, EngagementScore.ScoreAt(rank, Day(3), HalfLife), 12);
        Assert.Equal(2.5, EngagementScore.ScoreAt(rank, Day(33), HalfLife), 12);
        Assert.Equal(1.25, EngagementScore.ScoreAt(rank, Day(63), HalfLife), 12);
    }

    [Fact]
    public void A_bound_on_the_score_is_a_bound_on_the_rank()
    {
        var rank = Ranked((5, 3));

        Assert.Equal(rank!.Value, EngagementScore.RankFor(5, Day(3), HalfLife), 12);
        Assert.True(EngagementScore.RankFor(2.6, Day(33), HalfLife) > rank);
        Assert.True(EngagementScore.RankFor(2.4, Day(33), HalfLife) < rank);
    }

    [Fact]
    public void What_shows_as_29_3_is_found_by_29_3_and_not_by_29_4()
    {
        var rank = Ranked((5, 3));

        Assert.Equal(29.3, EngagementScore.ShownAt(rank, Day(3), HalfLife));
        Assert.True(rank >= EngagementScore.RankForShown(29.3, Day(3), HalfLife));
        Assert.False(rank >= EngagementScore.RankForShown(29.4, Day(3), HalfLife));
        Assert.Equal(double.NegativeInfinity, EngagementScore.RankForShown(0, Day(3), HalfLife));
    }

    [Fact]
    public void Sorting_by_rank_is_sorting_by_score_at_any_time()
    {
        var random = new Random(7);
        var ranks = Enumerable.Range(0, 200).Select(_ => Ranked((random.Next(1, 20), random.NextDouble() * 400), (1, random.NextDouble() * 400))!.Value).Order().ToList();

        Assert.All([Day(400), Day(500), Day(3_000)], now =>
        {
            var scores = ranks.Select(rank => EngagementScore.ScoreAt(rank, now, HalfLife)).ToList();
            Assert.Equal(scores.Order(), scores);
        });
    }

    [Fact]
    public void The_next_open_and_the_next_click_on_the_same_link_weigh_half()
    {
        Assert.Equal([1, 0.5, 0.25], Enumerable.Range(1, 3).Select(nth => new EngagingEvent(1, EventType.Opened, nth).Weight(s_weights)));
        Assert.Equal([5, 2.5, 1.25], Enumerable.Range(1, 3).Select(nth => new EngagingEvent(1, EventType.Clicked, nth).Weight(s_weights)));
        Assert.Equal(20, new EngagingEvent(1, EventType.Replied, 1).Weight(s_weights));
        Assert.Equal(0, new EngagingEvent(1, EventType.Opened, 5_000).Weight(s_weights));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Any_order_ends_in_the_same_rank_to_the_last_bit_and_near_the_plain_sum(int seed)
    {
        var random = new Random(seed);
        var done = Enumerable.Range(0, 300).Select(_ => new EngagingEvent(
            Day(random.Next(0, 700)).ToUnixTimeMilliseconds() + (random.Next(3) == 0 ? 0 : random.Next(86_400_000)),
            (EventType)random.Next(7, 9),
            random.Next(1, 30))).ToList();
        var sum = done.Sum(e => e.Weight(s_weights) * Math.Pow(2, (e.At - EngagementScore.Epoch.ToUnixTimeMilliseconds()) / 86_400_000d / HalfLife));

        var first = EngagementScore.Of([.. done], s_weights);
        for (var i = 0; i < 50; i++)
        {
            var shuffled = done.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(first, EngagementScore.Of([.. shuffled], s_weights));

            // Folded as they come it is the same but for rounding.
            var folded = shuffled.Aggregate((double?)null, (rank, e) => EngagementScore.Fold(rank, e.Weight(s_weights), e.At, HalfLife));
            Assert.Equal(first.Rank!.Value, folded!.Value, 11);
        }

        Assert.Equal(Math.Log2(sum), first.Rank!.Value, 11);
    }

    [Fact]
    public void Mail_older_than_the_epoch_and_decades_away_is_ranked_all_the_same()
    {
        var old = Ranked((20, -5_000));
        var both = EngagementScore.Fold(old, 1, Day(9_000).ToUnixTimeMilliseconds(), HalfLife);

        Assert.Equal(20, EngagementScore.ScoreAt(old, Day(-5_000), HalfLife), 9);
        Assert.Equal(1, EngagementScore.ScoreAt(both, Day(9_000), HalfLife), 12);
    }

    private static double? Ranked(params (double Weight, double Day)[] events) =>
        events.Aggregate((double?)null, (rank, e) => EngagementScore.Fold(rank, e.Weight, Day(e.Day).ToUnixTimeMilliseconds(), HalfLife));

    private static DateTimeOffset Day(double day) => EngagementScore.Epoch.AddDays(day);
}
