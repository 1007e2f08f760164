using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Compares the stored counters with what they should be.</summary>
internal static class CounterRecount
{
    /// <param name="right">Of the whole log, or of one campaign.</param>
    /// <param name="campaignId">Only this campaign, or 0 for everything.</param>
    /// <param name="differ">Called for each counter that differs: what, stored, recounted.</param>
    public static void Run(WriteConnection connection, CounterSums right, long campaignId, Action<string, string, string> differ)
    {
        var expected = new Dictionary<(long, string, string, EventType, VerdictGroup), CounterSum>();
        foreach (var (key, sum) in right)
        {
            // A recount of one campaign knows only its part of what is summed over all.
            if (campaignId == 0 || key.CampaignId == campaignId)
            {
                expected[(key.CampaignId, key.Dimension.Name, key.Dimension.Text(key.Key), key.Type, key.Group)] = sum;
            }
        }

        var counters = connection.Prepare("SELECT campaign_id, dimension, key, type, verdict, total, uniq FROM counters WHERE ?1 = 0 OR campaign_id = ?1").Bind(1, campaignId);
        while (counters.Step())
        {
            var key = (counters.Number(0), counters.Text(1), counters.Text(2), (EventType)counters.Number(3), (VerdictGroup)counters.Number(4));
            expected.Remove(key, out var sum);
            var stored = new CounterSum(counters.Number(5), counters.Number(6));
            if (stored != sum)
            {
                differ($"counter {key}", stored.ToString(), sum.ToString());
            }
        }

        counters.Reset();
        foreach (var (key, sum) in expected)
        {
            if (sum != default)
            {
                differ($"counter {key}", "none", sum.ToString());
            }
        }
    }
}
