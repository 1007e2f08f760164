using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>What a heatmap is asked for, as the address has it: two factors, and levels of the others to keep to.</summary>
/// <param name="Rows">The factor downwards; null leaves the choice to the test. The same for <paramref name="Cols"/>.</param>
public sealed record HeatmapChoice(string? Rows, string? Cols, LevelFilter Only, TestMetric Metric);

/// <summary>A level of each factor to keep to; null keeps all of its levels.</summary>
public sealed record LevelFilter(string? Subject = null, string? Html = null, string? FromName = null, string? Preheader = null)
{
    private static readonly string[] s_fields = ["subject", "html", "from_name", "preheader"];

    /// <summary>What was asked for, by field; "" is as good as nothing.</summary>
    public IEnumerable<(string Field, string Level)> Asked =>
        s_fields.Zip([Subject, Html, FromName, Preheader]).Where(pair => !string.IsNullOrEmpty(pair.Second)).Select(pair => (pair.First, pair.Second!));
}

/// <summary>The two factors a heatmap spans. A missing axis is one line of all variants.</summary>
/// <param name="Only">Levels of other factors that variants must have.</param>
internal sealed record HeatmapAxes(TestFactor? Rows, TestFactor? Cols, IReadOnlyList<(TestFactor Factor, string Level)> Only)
{
    /// <summary>A single factor with more levels than this reads better downwards.</summary>
    private const int MaxLevelsAcross = 8;

    /// <summary>Reads what was asked for; what the test does not have is noted under its field and left to the default.</summary>
    public static HeatmapAxes Read(TestPlan plan, HeatmapChoice choice, Dictionary<string, string[]> errors)
    {
        var rows = Find("rows", choice.Rows);
        var cols = Find("cols", choice.Cols);
        if (rows is not null && rows == cols)
        {
            errors["cols"] = ["must be another factor than rows"];
            cols = null;
        }

        if (plan.Factors.Count == 1)
        {
            var only = plan.Factors[0];
            rows ??= cols is null && only.Levels.Count > MaxLevelsAcross ? only : null;
            cols ??= rows is null ? only : null;
        }
        else
        {
            rows ??= plan.Factors.First(factor => factor != cols);
            cols ??= plan.Factors.First(factor => factor != rows);
        }

        var kept = new List<(TestFactor Factor, string Level)>();
        foreach (var (field, level) in choice.Only.Asked)
        {
            var factor = plan.Factors.FirstOrDefault(factor => factor.Field == field);
            if (factor is null || !factor.Levels.Contains(level))
            {
                errors[field] = [factor is null ? "is not a factor of this test" : $"must be one of {string.Join(", ", factor.Levels)}"];
            }
            else if (factor == rows || factor == cols)
            {
                errors[field] = ["is an axis: keep to a level of another factor"];
            }
            else
            {
                kept.Add((factor, level));
            }
        }

        return new HeatmapAxes(rows, cols, kept);

        TestFactor? Find(string axis, string? field)
        {
            if (string.IsNullOrEmpty(field))
            {
                return null;
            }

            var found = plan.Factors.FirstOrDefault(factor => factor.Field == field);
            if (found is null)
            {
                errors[axis] = [$"must be a factor of this test: {string.Join(", ", plan.Factors.Select(factor => factor.Field))}"];
            }

            return found;
        }
    }
}
