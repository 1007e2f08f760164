using System.Text.Json;

namespace ScoreTracking.Experiments;

/// <summary>What a test is judged by.</summary>
public enum TestMetric
{
    OpenRate,
    ClickRate,
    ClickToOpen,
}

/// <summary>Spelling of each metric.</summary>
public static class TestMetrics
{
    /// <summary>What an unknown one is answered with.</summary>
    internal const string Names = "must be open_rate, click_rate or click_to_open";

    public static bool TryParse(string? name, out TestMetric metric)
    {
        metric = name switch { "open_rate" => TestMetric.OpenRate, "click_to_open" => TestMetric.ClickToOpen, _ => TestMetric.ClickRate };
        return name is null || name == metric.Name();
    }

    public static string Name(this TestMetric metric) => metric switch
    {
        TestMetric.OpenRate => "open_rate",
        TestMetric.ClickRate => "click_rate",
        TestMetric.ClickToOpen => "click_to_open",
    };
}

/// <summary>How a test is carried out and judged.</summary>
/// <param name="Factors">In order.</param>
/// <param name="SamplePercent">Share of the recipients that is tested on, 1 to 100; the others wait for the winner.</param>
/// <param name="IsAdaptive">Dealt in steps, each by the chances of the variants to be the best.</param>
/// <param name="IsAutomatic">The rule names the winner at the end; else a person does.</param>
/// <param name="After">How long the test lasts.</param>
internal sealed record TestPlan(
    IReadOnlyList<TestFactor> Factors, int SamplePercent, bool IsAdaptive, bool IsAutomatic, TestMetric Metric, TimeSpan After, double MinProbability, long MinPerVariant)
{
    public const double DefaultMinProbability = 0.95;
    public const long DefaultMinPerVariant = 100;
    public const double DefaultAfterHours = 4;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Some recipients wait for its end.</summary>
    public bool HoldsBack => SamplePercent < 100;

    /// <summary>The campaign is first tested and then sent to the rest, or dealt again and again while it is tested.</summary>
    public bool HasPhase => HoldsBack || IsAdaptive;

    /// <param name="stored">As the campaign keeps it; null gives null.</param>
    public static TestPlan? Read(string? stored)
    {
        if (stored is null)
        {
            return null;
        }

        var test = JsonSerializer.Deserialize<StoredTest>(stored, s_json)!;
        return new TestPlan(
            [.. (test.Factors ?? []).Select(factor => new TestFactor(factor.Field, [.. factor.Levels.Select(level => level.Key)]))],
            test.SamplePercent ?? 100,
            test.Distribution == "adaptive",
            test.Winner?.Mode == "automatic",
            TestMetrics.TryParse(test.Winner?.Metric, out var metric) ? metric : TestMetric.ClickRate,
            TimeSpan.FromHours(test.Winner?.AfterHours ?? DefaultAfterHours),
            test.Winner?.MinProbability ?? DefaultMinProbability,
            test.Winner?.MinPerVariant ?? DefaultMinPerVariant);
    }

    private sealed record StoredTest(IReadOnlyList<StoredFactor>? Factors, string? Distribution, int? SamplePercent, StoredWinner? Winner);

    private sealed record StoredFactor(string Field, IReadOnlyList<StoredLevel> Levels);

    private sealed record StoredLevel(string Key);

    private sealed record StoredWinner(string? Mode, string? Metric, double? AfterHours, double? MinProbability, long? MinPerVariant);
}

/// <summary>A factor and its level keys.</summary>
internal sealed record TestFactor(string Field, IReadOnlyList<string> Levels);
