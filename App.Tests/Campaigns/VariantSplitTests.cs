using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Campaigns;

namespace ScoreTracking.Tests.Campaigns;

public sealed class VariantSplitTests
{
    // Two to fifty variants of any weights, one far rarer than another.
    private static readonly Gen<double[]> s_weights =
        from count in Gen.Choose(2, 50)
        from parts in Gen.Choose(1, 1000).ArrayOf(count)
        select parts.Select(part => part / (double)parts.Sum()).ToArray();

    [Fact]
    public void Every_variant_has_its_share_rounded_up_or_down_after_every_recipient() =>
        Prop.ForAll(s_weights.ToArbitrary(), weights =>
        {
            var dealt = new long[weights.Length];
            for (var n = 1; n <= 2_000; n++)
            {
                dealt[VariantSplit.Next(weights, dealt)]++;
                for (var i = 0; i < weights.Length; i++)
                {
                    if (Math.Abs(dealt[i] - (weights[i] * n)) >= 1.000001)
                    {
                        return false;
                    }
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Drawn_variants_come_to_their_shares_and_one_without_a_share_never_comes()
    {
        double[] weights = [0.7, 0, 0.3];
        var random = new Random(7);
        var dealt = new int[3];
        for (var i = 0; i < 100_000; i++)
        {
            dealt[VariantSplit.Drawn(weights, (ulong)random.NextInt64())]++;
        }

        Assert.InRange(dealt[0], 69_500, 70_500);
        Assert.Equal(0, dealt[1]);
        Assert.Equal((0, 2), (VariantSplit.Drawn(weights, 0), VariantSplit.Drawn(weights, ulong.MaxValue)));
    }

    [Fact]
    public void Equal_shares_never_differ_by_more_than_one() =>
        Prop.ForAll(Gen.Choose(1, 50).ToArbitrary(), Gen.Choose(1, 3_000).ToArbitrary(), (variants, recipients) =>
        {
            var weights = Enumerable.Repeat(1.0 / variants, variants).ToArray();
            var dealt = Deal(weights, recipients);
            return dealt.Sum() == recipients && dealt.Max() - dealt.Min() <= 1;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Counts_that_did_not_come_from_dealing_are_evened_out() =>
        Prop.ForAll(s_weights.ToArbitrary(), Gen.Choose(0, 500).ArrayOf(50).ToArbitrary(), (weights, start) =>
        {
            var dealt = start.Take(weights.Length).Select(count => (long)count).ToArray();
            for (var n = 0; n < 60_000; n++)
            {
                dealt[VariantSplit.Next(weights, dealt)]++;
            }

            var total = dealt.Sum();
            return weights.Select((weight, i) => dealt[i] <= Math.Max((weight * total) + 1.01, start[i])).All(ok => ok);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_depends_on_the_campaign_and_not_on_the_case_of_an_address()
    {
        byte[] one = [.. Enumerable.Repeat((byte)1, 32)];
        byte[] two = [.. Enumerable.Repeat((byte)2, 32)];

        Assert.Equal(VariantSplit.Order(one, null, "Ana@example.com"), VariantSplit.Order(one, null, "ana@example.com"));
        Assert.NotEqual(VariantSplit.Order(one, null, "ana@example.com"), VariantSplit.Order(two, null, "ana@example.com"));
        Assert.Equal(VariantSplit.Order(one, "42", "ana@example.com"), VariantSplit.Order(one, "42", "other@example.com"));
        Assert.NotEqual(VariantSplit.Order(one, "ana@example.com", "x"), VariantSplit.Order(one, null, "ana@example.com"));
    }

    private static long[] Deal(double[] weights, int recipients)
    {
        var dealt = new long[weights.Length];
        for (var n = 0; n < recipients; n++)
        {
            dealt[VariantSplit.Next(weights, dealt)]++;
        }

        return dealt;
    }
}
