using System.Globalization;
using ScoreTracking.Components;
using ScoreTracking.Experiments.Statistics;

namespace ScoreTracking.Experiments;

/// <summary>Whether the numbers name a winner.</summary>
/// <param name="State">no_test, no_winner_yet or winner.</param>
/// <param name="VariantId">Null unless there is a winner.</param>
/// <param name="Reason">For people: what decided, or the first thing that is still missing.</param>
/// <param name="Checks">Everything a winner needs, and how it stands; none without a test.</param>
public sealed record Winner(string State, string? VariantId, string Reason, IReadOnlyList<WinnerCheck> Checks);

/// <summary>One thing a winner needs.</summary>
/// <param name="Name">sample_ratio, messages, probability or expected_loss.</param>
/// <param name="Text">For people: how it stands and what is asked for.</param>
public sealed record WinnerCheck(string Name, bool Ok, string Text);

/// <summary>When a test is decided without a person: surely the best, cheap to be wrong about, enough messages, and an honest split.</summary>
internal static class WinnerRule
{
    public const double LossLimit = 0.001;
    public const double RelativeLossLimit = 0.02;

    public static Winner Decide(
        TestPlan? plan, IReadOnlyList<string> ids, IReadOnlyList<Trial> trials, IReadOnlyList<Standing> standings, SampleRatio ratio)
    {
        if (plan is null || trials.Count < 2)
        {
            return new Winner("no_test", null, "This campaign has one variant, so there is nothing to compare.", []);
        }

        var leader = Enumerable.Range(0, trials.Count).MaxBy(i => standings[i].PBest);
        WinnerCheck[] checks =
        [
            plan.IsAdaptive ? NoSplit : Split(ratio),
            Messages(plan, trials.Min(trial => trial.N)),
            Probability(plan, ids[leader], standings[leader].PBest),
            Loss(ids[leader], standings[leader].ExpectedLoss, trials[leader].Posterior.Mean),
        ];
        return Array.Find(checks, check => !check.Ok) is { } missing
            ? new Winner("no_winner_yet", null, missing.Text, checks)
            : new Winner("winner", ids[leader], $"{ids[leader]} is the best with a probability of {Numerals.Chance(standings[leader].PBest)}.", checks);
    }

    private static WinnerCheck NoSplit => new("sample_ratio", true, "An adaptive test deals by results, so there is no split to check.");

    private static WinnerCheck Split(SampleRatio ratio) => new("sample_ratio", ratio.Ok, ratio.Ok
        ? $"Recipients are split as the weights say (p = {Text(ratio.P, "0.00")})."
        : $"The split of recipients differs from the weights by more than chance (p = {Text(ratio.P, "0.0e0")}): find out what sorts them first.");

    private static WinnerCheck Messages(TestPlan plan, long fewest) => new(
        "messages", fewest >= plan.MinPerVariant, $"Every variant needs {Numerals.Count(plan.MinPerVariant)} messages; the smallest has {Numerals.Count(fewest)}.");

    private static WinnerCheck Probability(TestPlan plan, string leader, double chance) => new(
        "probability", chance >= plan.MinProbability, $"{leader} leads with a probability of {Numerals.Chance(chance)}; {Numerals.Percent(plan.MinProbability * 100)} are needed.");

    private static WinnerCheck Loss(string leader, double loss, double rate) => new(
        "expected_loss",
        loss <= LossLimit || loss <= RelativeLossLimit * rate,
        $"Choosing {leader} could still cost {Text(loss * 100, "0.00")} percentage points on average; {Text(Math.Max(LossLimit, RelativeLossLimit * rate) * 100, "0.00")} are allowed.");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
