namespace ScoreTracking.Reports;

/// <summary>A rate that mailbox providers punish.</summary>
/// <param name="Kind">complaint or bounce.</param>
/// <param name="Level">warning or bad.</param>
/// <param name="CampaignId">Null for all campaigns made in the period together.</param>
/// <param name="Limit">The rate that was passed, 0 to 1.</param>
public sealed record DeliveryTrouble(string Kind, string Level, string? CampaignId, string? Name, Ratio Rate, double Limit);

/// <summary>When complaints and bounces are too many: what Gmail and Yahoo ask of senders, and what ESPs suspend accounts for.</summary>
public static class DeliveryLimits
{
    /// <summary>Gmail and Yahoo: stay below 0.1 %, never reach 0.3 %.</summary>
    public const double ComplaintWarning = 0.001;
    public const double ComplaintBad = 0.003;

    /// <summary>ESPs: above 2 % a list is stale, at 5 % accounts are reviewed.</summary>
    public const double BounceWarning = 0.02;
    public const double BounceBad = 0.05;

    /// <summary>Fewer messages than this, or a single event, tell nothing: one complaint of a hundred is one person.</summary>
    public const long MinSent = 100;
    public const long MinEvents = 2;

    /// <summary>What is too many of these counts, complaints first.</summary>
    public static IEnumerable<DeliveryTrouble> Of(long sent, long complained, long bounced, string? campaignId, string? name)
    {
        (string Kind, long Count, double Warning, double Bad)[] kinds =
            [("complaint", complained, ComplaintWarning, ComplaintBad), ("bounce", bounced, BounceWarning, BounceBad)];
        foreach (var (kind, count, warning, bad) in kinds)
        {
            var rate = new Ratio(count, sent);
            if (sent >= MinSent && count >= MinEvents && rate.Rate >= warning)
            {
                yield return new DeliveryTrouble(kind, rate.Rate >= bad ? "bad" : "warning", campaignId, name, rate, rate.Rate >= bad ? bad : warning);
            }
        }
    }
}
