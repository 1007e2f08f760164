using System.Text.Json;
using ScoreTracking.Events;
using ScoreTracking.Reports.Statistics;

namespace ScoreTracking.Reports;

/// <summary>What a test is judged by.</summary>
public enum TestMetric
{
    OpenRate,
    ClickRate,
    ClickToOpen,
}

/// <summary>Spelling of each metric, and the trial it makes of a variant's counts.</summary>
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

    /// <summary>Only people decide a test: confirmed opens and clicks, of the messages that were sent and did not bounce.</summary>
    internal static Trial TrialOf(this TestMetric metric, FigureTally tally)
    {
        var opened = tally.Unique(EventType.Opened, VerdictGroup.Person);
        var clicked = tally.Unique(EventType.Clicked, VerdictGroup.Person);
        var arrived = tally.Unique(EventType.Sent) - tally.Unique(EventType.Bounced);
        return metric switch
        {
            TestMetric.OpenRate => new Trial(opened, arrived),
            TestMetric.ClickRate => new Trial(clicked, arrived),
            TestMetric.ClickToOpen => new Trial(clicked, opened),
        };
    }
}

/// <summary>What a report needs of a campaign's test: its factors in order, and when a winner may be named.</summary>
internal sealed record TestPlan(IReadOnlyList<TestFactor> Factors, double MinProbability, long MinPerVariant)
{
    public const double DefaultMinProbability = 0.95;
    public const long DefaultMinPerVariant = 100;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

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
            test.Winner?.MinProbability ?? DefaultMinProbability,
            test.Winner?.MinPerVariant ?? DefaultMinPerVariant);
    }

    private sealed record StoredTest(IReadOnlyList<StoredFactor>? Factors, StoredWinner? Winner);

    private sealed record StoredFactor(string Field, IReadOnlyList<StoredLevel> Levels);

    private sealed record StoredLevel(string Key);

    private sealed record StoredWinner(double? MinProbability, long? MinPerVariant);
}

/// <summary>A factor and its level keys.</summary>
internal sealed record TestFactor(string Field, IReadOnlyList<string> Levels);
