using ScoreTracking.Experiments.Statistics;

namespace ScoreTracking.Tests.Experiments;

/// <summary>Against values worked out to thirty digits.</summary>
public sealed class SpecialFunctionsTests
{
    [Theory]
    [InlineData(0.1, 2.2527126517342059)]
    [InlineData(0.5, 0.57236494292470009)]
    [InlineData(1, 0)]
    [InlineData(2.5, 0.28468287047291916)]
    [InlineData(9.99, 12.779315214350193)]
    [InlineData(10, 12.80182748008147)]
    [InlineData(171.5, 709.14316303092824)]
    [InlineData(1e7, 151180949.36947391)]
    public void Log_gamma(double x, double expected) => Near(expected, SpecialFunctions.LogGamma(x), 1e-13);

    [Theory]
    [InlineData(1, 1, 0.3, 0.3)]
    [InlineData(2, 3, 0.9, 0.9963)]
    [InlineData(201, 801, 0.2, 0.487393636675908)]
    [InlineData(201, 801, 0.22, 0.935009144540665)]
    [InlineData(231, 771, 0.26, 0.984869702641494)]
    [InlineData(180_001, 820_001, 0.1795, 0.0962016607698745)]
    [InlineData(1, 10_000_001, 1e-7, 0.632120614010473)]
    [InlineData(5_000_001, 5_000_001, 0.5001, 0.736455389126243)]
    public void Incomplete_beta(double a, double b, double x, double expected) =>
        Near(expected, SpecialFunctions.IncompleteBeta(a, b, x), a + b > 1e5 ? 3e-8 : 1e-12);

    [Theory, InlineData(-1, 0), InlineData(0, 0), InlineData(1, 1), InlineData(2, 1)]
    public void Incomplete_beta_outside_the_unit_interval(double x, double expected) =>
        Assert.Equal(expected, SpecialFunctions.IncompleteBeta(3, 4, x));

    [Theory]
    [InlineData(15.384615384615385, 1, 8.76994237559023e-5)]
    [InlineData(0.5, 5, 0.99212329323263)]
    [InlineData(60, 49, 0.134864346525321)]
    [InlineData(11.07, 5, 0.0500096186224055)]
    [InlineData(0, 3, 1)]
    public void Chi_square_upper_tail(double chi2, int degreesOfFreedom, double expected) =>
        Near(expected, SpecialFunctions.ChiSquareUpperTail(chi2, degreesOfFreedom), 1e-12);

    [Theory]
    [InlineData(201, 801, 0.05, 0.18014462358682)]
    [InlineData(201, 801, 0.95, 0.22173276143398)]
    [InlineData(1, 101, 0.05, 0.00050772546365887)]
    [InlineData(1, 101, 0.95, 0.029225153539039)]
    [InlineData(8, 24, 0.05, 0.13540058475838)]
    [InlineData(8, 24, 0.95, 0.38261023091698)]
    [InlineData(1, 1, 0.05, 0.05)]
    public void Quantiles_of_a_posterior(double a, double b, double p, double expected) =>
        Near(expected, new BetaPosterior(a, b).Quantile(p), 1e-10);

    [Theory, InlineData(1, 10_000_001), InlineData(10_000_001, 1), InlineData(2_000_000, 8_000_000)]
    public void Quantiles_of_ten_million_messages_undo_the_distribution(double a, double b)
    {
        var posterior = new BetaPosterior(a, b);

        Assert.Equal(0.05, posterior.Below(posterior.Quantile(0.05)), 4);
        Assert.Equal(0.95, posterior.Below(posterior.Quantile(0.95)), 4);
    }

    private static void Near(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(actual - expected) <= Math.Max(1e-14, Math.Abs(expected) * relative), $"expected {expected:R}, was {actual:R}");
}
