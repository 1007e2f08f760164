using ScoreTracking.Experiments.Statistics;

namespace ScoreTracking.Tests.Experiments;

/// <summary>The golden values of A/B statistics: agreed before the code was written.</summary>
public sealed class AbStatisticsTests
{
    [Fact]
    public void Two_hundred_against_two_hundred_thirty_of_a_thousand()
    {
        var standings = AbStatistics.Compare([new Trial(200, 1000), new Trial(230, 1000)]);

        Equal([0.0514, 0.9486], standings.Select(s => s.PBest), 4);
        Equal([3.034, 0.040], standings.Select(s => s.ExpectedLoss * 100), 3);
    }

    [Fact]
    public void A_tenth_of_the_messages_says_far_less() =>
        Equal([0.3047, 0.6953], AbStatistics.Compare([new Trial(20, 100), new Trial(23, 100)]).Select(s => s.PBest), 4);

    [Fact]
    public void Six_cells_leave_the_winner_open_where_the_pooled_subjects_name_it()
    {
        var cells = AbStatistics.Compare([.. new long[] { 210, 205, 240, 228, 190, 214 }.Select(x => new Trial(x, 1000))]);
        var subjects = AbStatistics.Compare([.. new long[] { 415, 468, 404 }.Select(x => new Trial(x, 2000))]);

        Equal([0.0246, 0.0109, 0.6844, 0.2355, 0.0005, 0.0441], cells.Select(s => s.PBest), 4);
        Equal([0.0210, 0.9728, 0.0062], subjects.Select(s => s.PBest), 4);
    }

    [Theory, InlineData(2), InlineData(3), InlineData(6), InlineData(50)]
    public void Without_data_all_are_equal(int variants) =>
        Assert.All(AbStatistics.Compare([.. Enumerable.Repeat(new Trial(0, 0), variants)]), s =>
        {
            Assert.Equal(1.0 / variants, s.PBest, 12);
            // The highest of k uniform rates is k/(k+1) on average.
            Assert.Equal(((double)variants / (variants + 1)) - 0.5, s.ExpectedLoss, 6);
        });

    [Fact]
    public void A_single_variant_is_best_and_costs_nothing() =>
        Assert.Equal([new Standing(1, 0)], AbStatistics.Compare([new Trial(3, 10)]));

    [Fact]
    public void Variants_of_very_different_size_compare_as_the_exact_formula_says()
    {
        // P(B > A) = Σ over i < x_B + 1 of B(α_A + i, β_A + β_B) / ((β_B + i)·B(1 + i, β_B)·B(α_A, β_A)).
        var small = new Trial(7, 30);
        var large = new Trial(180_000, 1_000_000);

        var standings = AbStatistics.Compare([large, small]);

        Assert.Equal(ChanceSecondIsBetter(large, small), standings[1].PBest, 6);
    }

    [Fact]
    public void Ten_million_messages_with_and_without_a_success_still_integrate_to_one()
    {
        var standings = AbStatistics.Compare([new Trial(0, 10_000_000), new Trial(10_000_000, 10_000_000), new Trial(5_000_000, 10_000_000)]);

        Equal([0, 1, 0], standings.Select(s => s.PBest), 9);
        Assert.Equal(1, standings[0].ExpectedLoss, 6);
    }

    [Fact]
    public void More_successes_than_messages_count_as_no_more_than_the_messages()
    {
        Assert.Equal((0L, 0L), (new Trial(5, 0).X, new Trial(5, -3).N));
        Assert.Null(new Trial(5, 0).Rate);
        Assert.Equal(1.0, new Trial(5, 3).Rate);
    }

    [Fact]
    public void Five_thousand_to_five_thousand_four_hundred_is_no_even_split()
    {
        var ratio = AbStatistics.SampleRatio([5000, 5400], [0.5, 0.5]);

        Assert.Equal(15.3846, ratio.Chi2, 4);
        Assert.Equal(8.8e-05, ratio.P, 6);
        Assert.False(ratio.Ok);
    }

    [Fact]
    public void Counts_that_follow_uneven_weights_are_fine()
    {
        Assert.Equal(new SampleRatio(0, 1, Ok: true), AbStatistics.SampleRatio([200, 800], [20, 80]));
        Assert.True(AbStatistics.SampleRatio([5000, 5100], [1, 1]).Ok);
        Assert.Equal(new SampleRatio(0, 1, Ok: true), AbStatistics.SampleRatio([0, 0], [0.5, 0.5]));
    }

    // Exact for whole numbers; worked in logarithms.
    private static double ChanceSecondIsBetter(Trial first, Trial second)
    {
        var (a, b) = (first.Posterior, second.Posterior);
        var sum = 0.0;
        for (var i = 0; i < b.A; i++)
        {
            sum += Math.Exp(LogBeta(a.A + i, a.B + b.B) - Math.Log(b.B + i) - LogBeta(1 + i, b.B) - LogBeta(a.A, a.B));
        }

        return sum;
    }

    private static double LogBeta(double a, double b) =>
        SpecialFunctions.LogGamma(a) + SpecialFunctions.LogGamma(b) - SpecialFunctions.LogGamma(a + b);

    private static void Equal(double[] expected, IEnumerable<double> actual, int decimals) =>
        Assert.Equal(expected, actual.Select(value => Math.Round(value, decimals)));
}
