namespace ScoreTracking.Experiments.Statistics;

/// <summary>A posterior as 4,000 equal cells over mean ± 9 standard deviations, each with its share and the share of all cells before it: what numeric integration needs, without a random number.</summary>
internal sealed class DensityTable
{
    public const int Cells = 4_000;
    private const double Reach = 9;

    private readonly double _low;
    private readonly double _width;
    private readonly double[] _shares = new double[Cells];
    private readonly double[] _before = new double[Cells + 1];

    public DensityTable(BetaPosterior posterior)
    {
        _low = Math.Max(0, posterior.Mean - (Reach * posterior.StandardDeviation));
        var high = Math.Min(1, posterior.Mean + (Reach * posterior.StandardDeviation));
        _width = (high - _low) / Cells;

        // Relative to the density at the mean, because the density itself overflows with many messages.
        var peak = LogDensity(posterior, posterior.Mean);
        var sum = 0.0;
        for (var i = 0; i < Cells; i++)
        {
            _shares[i] = Math.Exp(LogDensity(posterior, Middle(i)) - peak);
            sum += _shares[i];
        }

        for (var i = 0; i < Cells; i++)
        {
            _shares[i] /= sum;
            _before[i + 1] = _before[i] + _shares[i];
        }
    }

    public double Share(int cell) => _shares[cell];

    /// <summary>The rate in the middle of a cell; never 0 or 1.</summary>
    public double Middle(int cell) => _low + ((cell + 0.5) * _width);

    /// <summary>Chance that the rate is below <paramref name="rate"/>.</summary>
    public double Below(double rate)
    {
        var position = (rate - _low) / _width;
        if (position <= 0)
        {
            return 0;
        }

        if (position >= Cells)
        {
            return 1;
        }

        var cell = (int)position;
        return _before[cell] + ((position - cell) * _shares[cell]);
    }

    private static double LogDensity(BetaPosterior posterior, double rate) =>
        ((posterior.A - 1) * Math.Log(rate)) + ((posterior.B - 1) * Math.Log(1 - rate));
}
