namespace ScoreTracking.Charts;

/// <summary>Five steps of one colour, pale to dark, for classes <c>heat-1</c> to <c>heat-5</c>; <c>heat-0</c> is nothing at all.</summary>
public static class HeatScale
{
    public const int Steps = 5;

    /// <param name="most">The value of the darkest step.</param>
    public static int Step(double value, double most) =>
        value <= 0 || most <= 0 ? 0 : Math.Clamp((int)Math.Ceiling(value / most * Steps), 1, Steps);

    /// <summary>The colour of a value among others: the middle step is <paramref name="average"/>, the outermost are <paramref name="reach"/> away from it.</summary>
    public static int StepAround(double value, double average, double reach)
    {
        const int middle = (Steps + 1) / 2;
        return reach > 0 ? middle + (int)Math.Round(Math.Clamp((value - average) / reach, -1, 1) * (Steps - middle), MidpointRounding.AwayFromZero) : middle;
    }
}
