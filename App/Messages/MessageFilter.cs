using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Messages;

/// <summary>Which messages; null means any.</summary>
/// <param name="CampaignId">0 for single mails.</param>
public sealed record MessageFilter(string? CustomerId, long? CampaignId, MessageStatus? Status, string? Indicator)
{
    public static IReadOnlyList<string> Indicators { get; } = ["gray", "green", "blue", "red"];

    /// <summary>The indicator of a row s of message_state, as <see cref="MessageStatuses.Indicator"/> has it.</summary>
    internal const string IndicatorSql = "CASE WHEN s.status IN (5, 6) THEN 'red' WHEN s.clicked_at > 0 THEN 'blue' WHEN s.opened_at > 0 THEN 'green' ELSE 'gray' END";

    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope => string.Create(CultureInfo.InvariantCulture, $"{CustomerId}\n{CampaignId}\n{(int?)Status}\n{Indicator}");

    /// <summary>Reads a filter as an address has it; what it says wrongly is noted under its field.</summary>
    internal static MessageFilter Read(string? customerId, string? campaignId, string? kind, string? status, string? indicator, FieldErrors errors)
    {
        long? campaign = null;
        if (campaignId is not null)
        {
            campaign = PublicId.TryCampaign(campaignId, out var id) ? id : null;
            if (campaign is null)
            {
                errors.Add("campaign_id", "not an id of this kind");
            }
        }

        switch (kind)
        {
            case null:
                break;
            case "single" when campaign is null:
                campaign = 0;
                break;
            case "single":
                errors.Add("kind", "a campaign has no single mails");
                break;
            default:
                errors.Add("kind", "must be single");
                break;
        }

        var named = Enum.GetValues<MessageStatus>().Where(one => one.Name() == status).Select(one => (MessageStatus?)one).FirstOrDefault();
        if (status is not null && named is null)
        {
            errors.Add("status", $"must be one of {string.Join(", ", Enum.GetValues<MessageStatus>().Select(one => one.Name()))}");
        }

        if (indicator is not null && !Indicators.Contains(indicator))
        {
            errors.Add("indicator", $"must be one of {string.Join(", ", Indicators)}");
        }

        return new MessageFilter(customerId, campaign, named, indicator);
    }
}
