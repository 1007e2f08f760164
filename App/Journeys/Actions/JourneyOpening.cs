using Microsoft.EntityFrameworkCore;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

/// <summary>Makes ready what the steps of a journey act on when it is published, and lets go of it when it is archived.</summary>
internal sealed class JourneyOpening(OngoingCampaigns campaigns, PublicAddresses addresses, IDbContextFactory<ScoreDb> databases)
{
    /// <summary>What stands against its steps acting: campaigns that cannot be sent, webhooks that lead inside.</summary>
    public async Task<IReadOnlyList<JourneyFault>> CheckAsync(JourneyDefinition definition, CancellationToken cancellationToken) =>
        [.. Campaigns(definition, await campaigns.CheckAsync(JourneyReferences.CampaignsSent(definition), cancellationToken)), .. Webhooks(definition)];

    /// <summary>Opens the campaigns it sends and starts those that are drafts.</summary>
    /// <returns>As <see cref="CheckAsync"/>; where there is a fault, the journey must not be published.</returns>
    public async Task<IReadOnlyList<JourneyFault>> OpenAsync(JourneyDefinition definition, CancellationToken cancellationToken) =>
        await CheckAsync(definition, cancellationToken) is { Count: > 0 } faults
            ? faults
            : [.. Campaigns(definition, await campaigns.OpenAsync(JourneyReferences.CampaignsSent(definition), cancellationToken))];

    /// <summary>Once a journey is archived: campaigns that no other one sends any more take nobody else.</summary>
    public async Task CloseAsync(long journeyId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var versions = await (
            from version in db.JourneyVersions
            join journey in db.Journeys on version.JourneyId equals journey.Id
            where journey.Id == journeyId || journey.Status == JourneyStatus.Published || journey.Status == JourneyStatus.Paused
            select new { version.JourneyId, version.Definition }).ToListAsync(cancellationToken);
        var sent = versions.ToLookup(version => version.JourneyId == journeyId, version => JourneyReferences.CampaignsSent(JourneyJson.Read(version.Definition)));
        await campaigns.CloseAsync([.. sent[true].SelectMany(ids => ids).Except(sent[false].SelectMany(ids => ids))], cancellationToken);
    }

    private static IEnumerable<JourneyFault> Campaigns(JourneyDefinition definition, IReadOnlyDictionary<long, string> faults)
    {
        for (var i = 0; i < definition.Steps.Count; i++)
        {
            if (definition.Steps[i] is SendStep send && faults.TryGetValue(send.CampaignId, out var fault))
            {
                yield return new JourneyFault(send.Id, $"steps[{i}].campaign_id", fault);
            }
        }
    }

    private IEnumerable<JourneyFault> Webhooks(JourneyDefinition definition)
    {
        for (var i = 0; i < definition.Steps.Count; i++)
        {
            if (definition.Steps[i] is WebhookStep webhook && HookRules.ReadUrl(webhook.Url, addresses, out var fault) is null)
            {
                yield return new JourneyFault(webhook.Id, $"steps[{i}].url", fault ?? "must be an absolute http or https URL");
            }
        }
    }
}
