namespace ScoreTracking.Experiments.Statistics;

/// <summary>What is known about a rate after some trials: a Beta(A, B) distribution.</summary>
public readonly record struct BetaPosterior(double A, double B)
{
    public double Mean => A / (A + B);

    public double StandardDeviation => Math.Sqrt(A * B / ((A + B) * (A + B) * (A + B + 1)));

    /// <summary>Chance that the rate is below <paramref name="rate"/>.</summary>
    public double Below(double rate) => SpecialFunctions.IncompleteBeta(A, B, rate);

    /// <summary>The rate that is undercut with probability <paramref name="p"/>, between 0 and 1. Exact to 1e-12.</summary>
    public double Quantile(double p)
    {
        var low = 0.0;
        var high = 1.0;
        var at = Mean;
        var logBeta = SpecialFunctions.LogGamma(A) + SpecialFunctions.LogGamma(B) - SpecialFunctions.LogGamma(A + B);
        for (var i = 0; i < 100 && high - low > 1e-13; i++)
        {
            var error = Below(at) - p;
            if (error > 0)
            {
                high = at;
            }
            else
            {
                low = at;
            }

            // Newton's step where it stays inside what is known, halving where it does not.
            var density = Math.Exp(((A - 1) * Math.Log(at)) + ((B - 1) * Math.Log(1 - at)) - logBeta);
            var next = at - (error / density);
            next = next > low && next < high ? next : (low + high) / 2;
            if (Math.Abs(next - at) < 1e-13)
            {
                return next;
            }

            at = next;
        }

        return at;
    }
}
