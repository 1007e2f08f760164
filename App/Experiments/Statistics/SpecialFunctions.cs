namespace ScoreTracking.Experiments.Statistics;

/// <summary>The few functions of mathematics that statistics need and .NET lacks. Accurate to about 1e-13; the incomplete beta loses digits as it grows, down to 1e-8 at ten million messages.</summary>
public static class SpecialFunctions
{
    private const double Tiny = 1e-300;
    private const double Precision = 1e-15;

    // Continued fractions here need about √a terms: enough for a hundred million messages.
    private const int MaxTerms = 100_000;

    /// <summary>ln Γ(x) for x &gt; 0.</summary>
    public static double LogGamma(double x)
    {
        // Stirling's series is exact to double precision from 10 on; smaller arguments climb there by Γ(x+1) = x·Γ(x).
        var product = 1.0;
        for (; x < 10; x++)
        {
            product *= x;
        }

        var inverse = 1 / x;
        var square = inverse * inverse;
        var series = inverse * ((1.0 / 12) - (square * ((1.0 / 360) - (square * ((1.0 / 1260) - (square * ((1.0 / 1680)
            - (square * ((1.0 / 1188) - (square * ((691.0 / 360_360) - (square / 156))))))))))));
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + series - Math.Log(product);
    }

    /// <summary>Share of a Beta(a, b) distribution below x: the regularized incomplete beta function.</summary>
    public static double IncompleteBeta(double a, double b, double x)
    {
        if (x <= 0)
        {
            return 0;
        }

        if (x >= 1)
        {
            return 1;
        }

        // The fraction converges fast only left of the mean; the other side is its mirror image.
        return x > (a + 1) / (a + b + 2) ? 1 - BetaLeft(b, a, 1 - x) : BetaLeft(a, b, x);
    }

    /// <summary>Chance that a χ² variable exceeds <paramref name="chi2"/>: the p-value of a test.</summary>
    public static double ChiSquareUpperTail(double chi2, int degreesOfFreedom) =>
        chi2 <= 0 ? 1 : UpperGamma(degreesOfFreedom / 2.0, chi2 / 2);

    private static double BetaLeft(double a, double b, double x)
    {
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(1 - x))) / a;
        var c = 1.0;
        var d = 1 / NotZero(1 - ((a + b) * x / (a + 1)));
        var fraction = d;
        for (var m = 1; m < MaxTerms; m++)
        {
            var even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NotZero(1 + (even * d));
            c = NotZero(1 + (even / c));
            fraction *= d * c;

            var odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NotZero(1 + (odd * d));
            c = NotZero(1 + (odd / c));
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1) < Precision)
            {
                break;
            }
        }

        return front * fraction;
    }

    /// <summary>Γ(s, x) / Γ(s): by its series left of s + 1, by its continued fraction right of it.</summary>
    private static double UpperGamma(double s, double x)
    {
        var front = Math.Exp((s * Math.Log(x)) - x - LogGamma(s));
        if (x < s + 1)
        {
            var term = 1 / s;
            var sum = term;
            for (var n = 1; n < MaxTerms && term > sum * Precision; n++)
            {
                term *= x / (s + n);
                sum += term;
            }

            return 1 - (front * sum);
        }

        var b = x + 1 - s;
        var c = 1 / Tiny;
        var d = 1 / b;
        var fraction = d;
        for (var n = 1; n < MaxTerms; n++)
        {
            var a = -n * (n - s);
            b += 2;
            d = 1 / NotZero((a * d) + b);
            c = NotZero(b + (a / c));
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1) < Precision)
            {
                break;
            }
        }

        return front * fraction;
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
