using ScoreTracking.Components;

namespace ScoreTracking.Tests.Components;

public sealed class NumeralsTests
{
    [Theory]
    [InlineData(0L, 10L, "0.0%")]
    [InlineData(1L, 3L, "33.3%")]
    [InlineData(1L, 2000L, "0.1%")]
    [InlineData(49L, 100_000L, "0.0%")]
    [InlineData(1L, 800L, "0.1%")]
    [InlineData(3L, 800L, "0.4%")]
    [InlineData(129L, 2000L, "6.5%")]
    [InlineData(1001L, 1000L, "100.1%")]
    [InlineData(3_000_000_000_000_000L, 3_000_000_000_000_000L, "100.0%")]
    [InlineData(5L, 0L, "–")]
    [InlineData(5L, null, "–")]
    [InlineData(null, 5L, "–")]
    public void A_rate_has_one_decimal_half_up_and_is_absent_without_a_denominator(long? numerator, long? denominator, string shown) =>
        Assert.Equal(shown, Numerals.Percent(numerator, denominator));

    [Theory, InlineData(0, "0"), InlineData(999, "999"), InlineData(40_000, "40,000"), InlineData(1_234_567, "1,234,567")]
    public void Counts_are_grouped_by_thousands(long count, string shown) => Assert.Equal(shown, Numerals.Count(count));

    [Theory, InlineData(0, "0 links"), InlineData(1, "1 link"), InlineData(1200, "1,200 links")]
    public void A_count_agrees_with_its_noun(long count, string shown) => Assert.Equal(shown, Numerals.Count(count, "link", "links"));

    [Theory, InlineData(812, "812 B"), InlineData(4_200, "4 kB"), InlineData(1_440_000, "1.4 MB"), InlineData(2_500_000_000, "2.5 GB")]
    public void Sizes_are_short(long bytes, string shown) => Assert.Equal(shown, Numerals.Size(bytes));

    [Theory, InlineData(1, ">99.9%"), InlineData(0.9994, "99.9%"), InlineData(0.5, "50.0%"), InlineData(0.0006, "0.1%"), InlineData(0, "<0.1%")]
    public void No_probability_reads_as_certain(double probability, string shown) => Assert.Equal(shown, Numerals.Chance(probability));
}
