using ScoreTracking.Experiments;

namespace ScoreTracking.Campaigns;

/// <summary>What a campaign's test means for whoever is dealt next.</summary>
/// <param name="Winner">Position of the variant everybody else gets; −1 while that is open.</param>
/// <param name="Bound">Recipients up to here in the campaign's order are dealt; the others wait.</param>
/// <param name="IsOpen">The test phase is under way.</param>
/// <param name="IsAdaptive">Dealt by chance, as the weights stand at the moment.</param>
internal readonly record struct TestDeal(int Winner, long Bound, bool IsOpen, bool IsAdaptive)
{
    /// <summary>Beyond every recipient.</summary>
    public const long Everybody = long.MaxValue;

    /// <summary>Where a recipient stands between 0 and <see cref="Everybody"/>: the order without its lowest bit, as SQL has no unsigned numbers.</summary>
    public static long PlaceOf(ulong order) => (long)(order >> 1);
}

/// <summary>Which recipients belong to a test's sample: the first in the campaign's order.</summary>
internal static class SampleBound
{
    /// <summary>Waves an adaptive test leaves in where we send it.</summary>
    public const int Waves = 10;

    /// <summary>Everybody up to here.</summary>
    public static long Of(TestPlan plan) => plan.HoldsBack ? TestDeal.Everybody / 100 * plan.SamplePercent : TestDeal.Everybody;

    /// <summary>Everybody up to here after so many waves.</summary>
    /// <param name="waves">Up to <see cref="Waves"/>.</param>
    public static long After(TestPlan plan, int waves) => waves >= Waves ? Of(plan) : Of(plan) / Waves * waves;

    /// <summary>How many waves have left.</summary>
    public static int WavesUpTo(TestPlan plan, long bound) => bound >= Of(plan) ? Waves : (int)(bound / (Of(plan) / Waves));
}

/// <summary>Dealing within one transaction.</summary>
internal sealed class VariantDeal(double[] weights, long[] recipients, TestDeal test)
{
    private readonly long[] _before = [.. recipients];

    public TestDeal Test => test;

    /// <summary>How many were dealt to each variant so far.</summary>
    public IReadOnlyList<long> Recipients => recipients;

    /// <summary>The variant of the recipient with this order; −1 for one who waits.</summary>
    /// <param name="asked">Their mail goes out now. An adaptive test under way deals nobody earlier than that.</param>
    public int Next(ulong order, bool asked)
    {
        var variant = Look(order, asked);
        if (variant >= 0)
        {
            Count(variant);
        }

        return variant;
    }

    /// <summary>The same, before it is known whether the recipient was not dealt meanwhile.</summary>
    public int Look(ulong order, bool asked) => test switch
    {
        { Winner: >= 0 } => test.Winner,
        _ when TestDeal.PlaceOf(order) > test.Bound => -1,
        { IsAdaptive: true, IsOpen: true } when !asked => -1,
        { IsAdaptive: true } => VariantSplit.Drawn(weights, order),
        _ => VariantSplit.Next(weights, recipients),
    };

    /// <summary>One more was dealt to a variant.</summary>
    public void Count(int variant) => recipients[variant]++;

    public void Save(RecipientSql sql, long campaignId)
    {
        for (var i = 0; i < recipients.Length; i++)
        {
            if (recipients[i] != _before[i])
            {
                sql.UpdateVariant(campaignId, i, recipients[i]);
                _before[i] = recipients[i];
            }
        }
    }
}
