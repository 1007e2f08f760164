using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;

namespace ScoreTracking.Campaigns;

/// <summary>What stands between a draft and its start, and what was imported.</summary>
/// <param name="HasContent">Whether there is HTML or text to send.</param>
/// <param name="Variants">1 without a test.</param>
/// <param name="Imports">Ids of the last imports, newest first.</param>
public sealed record CampaignSetup(
    long Id, string Name, string Status, string Subject, bool HasContent, int Variants, long Recipients, DateTimeOffset? StartedAt, IReadOnlyList<long> Imports)
{
    /// <summary>What the mail is handed to; 0 where the caller sends.</summary>
    public long ConnectionId { get; init; }

    /// <summary>When it starts by itself; null unless it is scheduled.</summary>
    public DateTimeOffset? ScheduledAt { get; init; }

    /// <summary>The hours in which mail may leave; null for all.</summary>
    public SendWindow? Window { get; init; }

    /// <summary>Why it waits for a person's word; empty where it does not.</summary>
    public string HeldBecause { get; init; } = "";

    /// <summary>Journeys send it, to whoever comes.</summary>
    public bool IsOngoing { get; init; }

    /// <summary>Those journeys, where it is ongoing.</summary>
    public IReadOnlyList<KeepingJourney> KeptOpenBy { get; init; } = [];

    /// <summary>We hand the mail off, rather than the caller.</summary>
    public bool IsOurs => ConnectionId != 0;
}

public static class CampaignSetupQuery
{
    private const int Imports = 5;

    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<CampaignSetup?> RunAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        // Without the content itself: this is read again with every step of an import.
        var campaign = await db.Campaigns
            .Where(c => c.Id == id)
            .Select(c => new
            {
                c.Name,
                c.Status,
                c.Subject,
                HasContent = c.Html != "" || c.PlainText != "" || c.AbTest!.Contains("\"field\":\"html\""),
                c.StartedAt,
                c.ConnectionId,
                c.ScheduledAt,
                c.SendWindow,
                c.HeldBecause,
                c.Ongoing,
            })
            .FirstOrDefaultAsync(cancellationToken);
        return campaign is null
            ? null
            : new CampaignSetup(
                id,
                campaign.Name,
                campaign.Status,
                campaign.Subject,
                campaign.HasContent,
                await db.Variants.CountAsync(v => v.CampaignId == id, cancellationToken),
                await db.Messages.LongCountAsync(m => m.CampaignId == id, cancellationToken),
                StoredTime.OrNull(campaign.StartedAt),
                await db.Jobs.Where(j => j.CampaignId == id && (j.Kind == RecipientImport.Kind || j.Kind == AudienceImport.Kind)).OrderByDescending(j => j.Id).Select(j => j.Id).Take(Imports).ToListAsync(cancellationToken))
            {
                ConnectionId = campaign.ConnectionId,
                IsOngoing = campaign.Ongoing,
                KeptOpenBy = campaign.Ongoing ? await KeptOpenQuery.RunAsync(db, id, cancellationToken) : [],
                ScheduledAt = campaign.Status == CampaignStatus.Scheduled ? StoredTime.OrNull(campaign.ScheduledAt) : null,
                Window = SendWindowBody.Read(campaign.SendWindow),
                HeldBecause = campaign.HeldBecause,
            };
    }
}
