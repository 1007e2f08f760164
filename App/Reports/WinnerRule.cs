using System.Globalization;
using ScoreTracking.Components;
using ScoreTracking.Reports.Statistics;

namespace ScoreTracking.Reports;

/// <summary>Whether the numbers name a winner.</summary>
/// <param name="State">no_test, no_winner_yet or winner.</param>
/// <param name="VariantId">Null unless there is a winner.</param>
/// <param name="Reason">For people: what decided, or what is still missing.</param>
public sealed record Winner(string State, string? VariantId, string Reason);

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
            return new Winner("no_test", null, "This campaign has one variant, so there is nothing to compare.");
        }

        var leader = Enumerable.Range(0, trials.Count).MaxBy(i => standings[i].PBest);
        var chance = standings[leader].PBest;
        var loss = standings[leader].ExpectedLoss;
        if (!ratio.Ok)
        {
            return NotYet($"The split of recipients differs from the weights by more than chance (p = {Text(ratio.P, "0.0e0")}): find out what sorts them first.");
        }

        if (trials.Min(trial => trial.N) is var fewest && fewest < plan.MinPerVariant)
        {
            return NotYet($"Every variant needs {plan.MinPerVariant} messages; the smallest has {fewest}.");
        }

        if (chance < plan.MinProbability)
        {
            return NotYet($"{ids[leader]} leads with a probability of {Numerals.Chance(chance)}; {Numerals.Percent(plan.MinProbability * 100)} are needed.");
        }

        if (loss > LossLimit && loss > RelativeLossLimit * trials[leader].Posterior.Mean)
        {
            return NotYet($"{ids[leader]} leads, but choosing it could still cost {Text(loss * 100, "0.00")} percentage points on average.");
        }

        return new Winner("winner", ids[leader], $"{ids[leader]} is the best with a probability of {Numerals.Chance(chance)}.");
    }

    private static Winner NotYet(string reason) => new("no_winner_yet", null, reason);

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
