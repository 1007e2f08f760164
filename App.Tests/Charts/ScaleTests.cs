using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Charts;

namespace ScoreTracking.Tests.Charts;

public sealed class ScaleTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(4, 4, 1)]
    [InlineData(5, 6, 2)]
    [InlineData(9, 10, 5)]
    [InlineData(12, 15, 5)]
    [InlineData(97, 100, 25)]
    [InlineData(1612, 2000, 500)]
    [InlineData(40_000, 40_000, 10_000)]
    [InlineData(40_001, 60_000, 20_000)]
    public void An_axis_ends_on_a_round_number_and_counts_have_no_halves(double largest, double top, double step) =>
        Assert.Equal(new Scale(top, step), Scale.For(largest));

    [Fact]
    public void Every_value_fits_below_the_top_with_at_most_four_lines_above_zero() =>
        Prop.ForAll<PositiveInt>(value =>
        {
            var scale = Scale.For(value.Get);
            var ticks = scale.Ticks.ToList();
            return scale.Top >= value.Get && ticks[0] == 0 && ticks[^1] == scale.Top && ticks.Count <= 5 && ticks.All(tick => tick == Math.Floor(tick));
        }).QuickCheckThrowOnFailure();

    [Theory, InlineData(double.NaN), InlineData(double.PositiveInfinity), InlineData(-3)]
    public void What_is_no_number_still_gives_an_axis(double largest) => Assert.Equal(new Scale(1, 1), Scale.For(largest));
}
