using System.Text.RegularExpressions;
using ScoreTracking.Api;

namespace ScoreTracking.Campaigns;

/// <summary>What a test may say: up to four factors of at least two levels, up to fifty variants.</summary>
internal static partial class AbTestRules
{
    private static readonly string[] s_fields = ["subject", "html", "from_name", "preheader"];
    private static readonly string[] s_metrics = ["open_rate", "click_rate", "click_to_open"];

    public static void Check(FieldErrors errors, AbTestBody test)
    {
        var variants = Factors(errors, test.Factors);
        Distribution(errors, test, variants);
        if (test.SamplePercent is < 1 or > 100)
        {
            errors.Add("ab_test.sample_percent", "must be 1 to 100");
        }

        if (test.Winner is { } winner)
        {
            Winner(errors, winner);
        }
    }

    /// <summary>Checks the factors; returns how many variants they make, 0 when that cannot be said.</summary>
    private static int Factors(FieldErrors errors, IReadOnlyList<FactorBody>? factors)
    {
        const string path = "ab_test.factors";
        if (factors is not { Count: >= 1 and <= Factorial.MaxFactors })
        {
            errors.Add(path, $"must be 1 to {Factorial.MaxFactors}");
            return 0;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        long variants = 1;
        for (var i = 0; i < factors.Count; i++)
        {
            var at = $"{path}[{i}]";
            var field = factors[i]?.Field;
            if (!s_fields.Contains(field))
            {
                errors.Add($"{at}.field", $"must be one of {string.Join(", ", s_fields)}");
            }
            else if (!seen.Add(field!))
            {
                errors.Add($"{at}.field", "is already a factor");
            }

            var levels = factors[i]?.Levels;
            if (levels is not { Count: >= 2 })
            {
                errors.Add($"{at}.levels", "must be 2 or more");
                variants = 0;
                continue;
            }

            variants = Math.Min(variants * levels.Count, int.MaxValue);
            Levels(errors, $"{at}.levels", field, levels);
        }

        if (variants > Factorial.MaxVariants)
        {
            errors.Add(path, $"make {variants} variants, more than {Factorial.MaxVariants}");
            return 0;
        }

        return (int)variants;
    }

    private static void Levels(FieldErrors errors, string path, string? field, IReadOnlyList<LevelBody> levels)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(levels.Count, Factorial.MaxVariants + 1); i++)
        {
            var level = levels[i];
            if (level?.Key is not { } key || !LevelKey().IsMatch(key))
            {
                errors.Add($"{path}[{i}].key", "must be 1 to 32 of a-z, 0-9, _ and -");
            }
            else if (!keys.Add(key))
            {
                errors.Add($"{path}[{i}].key", "is already a level");
            }

            Value(errors, $"{path}[{i}].value", field, level?.Value);
        }
    }

    private static void Value(FieldErrors errors, string path, string? field, string? value)
    {
        switch (field)
        {
            case "html":
                if (string.IsNullOrWhiteSpace(value))
                {
                    errors.Add(path, "required");
                }

                errors.Document(path, value, CampaignRules.MaxHtml);
                break;
            case "subject":
                errors.Line(path, value, CampaignRules.MaxSubject, required: true);
                break;
            case "from_name":
                errors.Line(path, value, CampaignRules.MaxName, required: true);
                break;
            case "preheader":
                // May be empty: "does a preheader help at all" is a test too.
                errors.Line(path, value, CampaignRules.MaxPreheader, required: false);
                break;
        }
    }

    private static void Distribution(FieldErrors errors, AbTestBody test, int variants)
    {
        const string path = "ab_test.weights";
        switch (test.Distribution)
        {
            case null or "equal" or "adaptive":
                if (test.Weights is not null)
                {
                    errors.Add(path, "only with distribution weighted");
                }

                break;
            case "weighted" when test.Weights is null:
                errors.Add(path, "required with distribution weighted");
                break;
            case "weighted" when variants > 0 && test.Weights.Count != variants:
                errors.Add(path, $"must be {variants}, one per variant");
                break;
            case "weighted" when test.Weights.Any(weight => !(weight > 0)):
                errors.Add(path, "must be above 0");
                break;
            case "weighted" when Math.Abs(test.Weights.Sum() - 1) > 0.001:
                errors.Add(path, "must be 1 in sum");
                break;
            case "weighted":
                break;
            default:
                errors.Add("ab_test.distribution", "must be equal, weighted or adaptive");
                break;
        }
    }

    private static void Winner(FieldErrors errors, WinnerBody winner)
    {
        if (winner.Mode is not (null or "manual" or "automatic"))
        {
            errors.Add("ab_test.winner.mode", "must be manual or automatic");
        }

        if (winner.Metric is not null && !s_metrics.Contains(winner.Metric))
        {
            errors.Add("ab_test.winner.metric", $"must be one of {string.Join(", ", s_metrics)}");
        }

        if (winner.AfterHours is not (null or (> 0 and <= 720)))
        {
            errors.Add("ab_test.winner.after_hours", "must be above 0 and up to 720");
        }

        if (winner.MinProbability is not (null or (>= 0.5 and <= 1)))
        {
            errors.Add("ab_test.winner.min_probability", "must be 0.5 to 1");
        }

        if (winner.MinPerVariant is not (null or (>= 1 and <= 10_000_000)))
        {
            errors.Add("ab_test.winner.min_per_variant", "must be 1 to 10000000");
        }
    }

    [GeneratedRegex(@"\A[a-z0-9_-]{1,32}\z")]
    private static partial Regex LevelKey();
}
