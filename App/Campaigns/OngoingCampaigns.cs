using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Live;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Campaigns people come into one by one, because journeys send them: they run from the first such journey to the last, and are not
/// completed when nobody waits.
/// </summary>
public sealed class OngoingCampaigns(
    IDbContextFactory<ScoreDb> databases, CampaignStart starts, CampaignContents contents, SendingConnections connections, SendQueue queue, LiveUpdates live)
{
    private static readonly string[] s_open = [CampaignStatus.Draft, CampaignStatus.Testing, CampaignStatus.Running, CampaignStatus.Paused];

    /// <summary>What stands against sending these campaigns to whoever comes, as sentences by campaign; none where nothing does.</summary>
    public async Task<IReadOnlyDictionary<long, string>> CheckAsync(IReadOnlyCollection<long> campaignIds, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var faults = new Dictionary<long, string>();
        foreach (var id in campaignIds.Distinct())
        {
            if (await FaultAsync(db, id, cancellationToken) is { } fault)
            {
                faults[id] = fault;
            }
        }

        return faults;
    }

    /// <summary>Opens the campaigns and starts those that are drafts. Where one cannot be, none is opened; one that could not be started after all is told.</summary>
    /// <returns>As <see cref="CheckAsync"/>.</returns>
    public async Task<IReadOnlyDictionary<long, string>> OpenAsync(IReadOnlyCollection<long> campaignIds, CancellationToken cancellationToken)
    {
        if (await CheckAsync(campaignIds, cancellationToken) is { Count: > 0 } faults)
        {
            return faults;
        }

        var late = new Dictionary<long, string>();
        foreach (var id in campaignIds.Distinct())
        {
            if (await OpenAsync(id, cancellationToken) is { } fault)
            {
                late[id] = fault;
            }
        }

        return late;
    }

    /// <summary>Nobody comes any more: what still waits goes out, and then they are completed.</summary>
    public async Task CloseAsync(IReadOnlyCollection<long> campaignIds, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        foreach (var id in campaignIds.Distinct())
        {
            await db.Campaigns.Where(campaign => campaign.Id == id).ExecuteUpdateAsync(set => set.SetProperty(campaign => campaign.Ongoing, false), cancellationToken);
            live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
        }

        queue.Wake();
    }

    private async Task<string?> OpenAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);

        // Asked again in the statement that writes: the queue may have completed it since.
        var opened = await db.Campaigns.Where(campaign => campaign.Id == id && s_open.Contains(campaign.Status))
            .ExecuteUpdateAsync(set => set.SetProperty(campaign => campaign.Ongoing, true), cancellationToken);
        if (opened == 0)
        {
            return await FaultAsync(db, id, cancellationToken) ?? "It was changed in the meantime: try again.";
        }

        var status = await db.Campaigns.Where(campaign => campaign.Id == id).Select(campaign => campaign.Status).SingleOrDefaultAsync(cancellationToken);
        if (status == CampaignStatus.Draft && await starts.RunAsync(id, cancellationToken) is { } refused)
        {
            await db.Campaigns.Where(campaign => campaign.Id == id).ExecuteUpdateAsync(set => set.SetProperty(campaign => campaign.Ongoing, false), cancellationToken);
            return refused.Words;
        }

        live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
        return null;
    }

    private async Task<string?> FaultAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await db.Campaigns.FirstOrDefaultAsync(campaign => campaign.Id == id, cancellationToken) is not { } campaign)
        {
            return "There is no such campaign.";
        }

        if (!s_open.Contains(campaign.Status))
        {
            return campaign.Status == CampaignStatus.Scheduled
                ? "The campaign is scheduled: take its schedule back first."
                : $"The campaign is {campaign.Status}: it goes to nobody any more. Duplicate it.";
        }

        var variants = await db.Variants.Where(variant => variant.CampaignId == id).OrderBy(variant => variant.Position).ToListAsync(cancellationToken);
        try
        {
            if (!contents.Compile(campaign, variants).HasBody)
            {
                return "The campaign has neither HTML nor text.";
            }
        }
        catch (MailTemplateException refused)
        {
            return $"Its HTML cannot be sent: {refused.Message}";
        }

        return campaign.ConnectionId != 0 && await connections.ErrorAsync(campaign.ConnectionId, cancellationToken) is { } error ? $"Its mail cannot be handed over: {error}." : null;
    }
}
