using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Experiments;

/// <summary>What a test's factors and levels are called on screen: "s1" says nothing, the subject line does.</summary>
public sealed class TestWords
{
    private const int MaxLength = 120;

    private readonly Dictionary<(string Field, string Key), string> _levels = [];

    /// <summary>Reads what the campaign keeps; without a test there are no words.</summary>
    public static async Task<TestWords> ReadAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var words = new TestWords();
        var stored = await db.Campaigns.Where(campaign => campaign.Id == campaignId).Select(campaign => campaign.AbTest).FirstOrDefaultAsync(cancellationToken);
        if (stored is null)
        {
            return words;
        }

        using var test = JsonDocument.Parse(stored);
        foreach (var factor in test.RootElement.GetProperty("factors").EnumerateArray())
        {
            var field = factor.GetProperty("field").GetString()!;
            foreach (var level in factor.GetProperty("levels").EnumerateArray())
            {
                // A whole HTML document names nothing.
                if (field != "html" && level.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String)
                {
                    words._levels[(field, level.GetProperty("key").GetString()!)] = Cut(value.GetString()!);
                }
            }
        }

        return words;
    }

    public static string Field(string field) => field switch
    {
        "subject" => "Subject",
        "html" => "Content",
        "preheader" => "Preheader",
        "from_name" => "Sender name",
        _ => field,
    };

    public static string Metric(TestMetric metric) => metric switch
    {
        TestMetric.OpenRate => "Open rate",
        TestMetric.ClickRate => "Click rate",
        TestMetric.ClickToOpen => "Click-to-open",
    };

    /// <summary>What the metric divides by what.</summary>
    public static string Meaning(TestMetric metric) => metric switch
    {
        TestMetric.OpenRate => "Confirmed opens, of the messages sent that did not bounce",
        TestMetric.ClickRate => "Clicked, of the messages sent that did not bounce",
        TestMetric.ClickToOpen => "Clicked, of the messages with a confirmed open",
    };

    /// <summary>The words of a level, or null where its key has to do.</summary>
    public string? Level(string field, string key) => _levels.GetValueOrDefault((field, key));

    private static string Cut(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "…";
}
