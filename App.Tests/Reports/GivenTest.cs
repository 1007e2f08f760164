using System.Globalization;
using System.Text.Json;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>Tested campaigns, counted figure by figure.</summary>
internal static class GivenTest
{
    /// <summary>The six cells of numbers.md 11: three subjects, two contents, 1,000 messages each that arrived.</summary>
    public static async Task<CountedCampaign> GoldenAsync(TestApp app)
    {
        var campaign = await FactorialAsync(app, [("subject", 3), ("html", 2)]);
        long[] clicked = [210, 205, 240, 228, 190, 214];
        for (var i = 0; i < clicked.Length; i++)
        {
            await campaign.CountVariantAsync(i, EventType.Sent, VerdictGroup.None, 1020);
            await campaign.CountVariantAsync(i, EventType.Bounced, VerdictGroup.None, 20);
            await campaign.CountVariantAsync(i, EventType.Clicked, VerdictGroup.Person, clicked[i]);
        }

        return campaign;
    }

    /// <summary>Every combination of levels, named after their field: the second level of html is h2.</summary>
    public static Task<CountedCampaign> FactorialAsync(TestApp app, (string Field, int Levels)[] factors)
    {
        var test = JsonSerializer.Serialize(new
        {
            factors = factors.Select(factor => new { field = factor.Field, levels = Keys(factor).Select(key => new { key, value = $"Words of {key}" }) }),
        });
        var cells = factors.Aggregate(
            (IEnumerable<string[]>)[[]], (made, factor) => made.SelectMany(_ => Keys(factor), (levels, key) => (string[])[.. levels, key])).ToList();
        return CountedCampaign.InsertAsync(app, test, [.. cells.Select(levels => (
            string.Join('.', levels),
            JsonSerializer.Serialize(factors.Zip(levels).ToDictionary(pair => pair.First.Field, pair => pair.Second)),
            1.0 / cells.Count,
            1020L))]);
    }

    public static Task CountVariantAsync(this CountedCampaign campaign, int position, EventType type, VerdictGroup group, long unique) =>
        campaign.CountAsync(Dimension.Variant, position.ToString(CultureInfo.InvariantCulture), type, group, unique, unique);

    private static IEnumerable<string> Keys((string Field, int Levels) factor) => Enumerable.Range(1, factor.Levels).Select(i => $"{factor.Field[0]}{i}");
}
