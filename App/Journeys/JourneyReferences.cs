using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>Whether what a journey speaks of is there: campaigns, segments, lists.</summary>
internal static class JourneyReferences
{
    public static async Task<IReadOnlyList<JourneyFault>> CheckAsync(ScoreDb db, JourneyDefinition definition, CancellationToken cancellationToken)
    {
        var wanted = Of(definition).Where(reference => reference.Id != 0).ToList();
        var faults = new List<JourneyFault>();
        foreach (var (rule, stepId, path) in Rules(definition))
        {
            var wrong = new List<RuleFault>();
            await SegmentReferences.CheckAsync(db, rule, path, wrong, cancellationToken);
            faults.AddRange(wrong.Select(fault => new JourneyFault(stepId, fault.Path, fault.Error)));
        }

        if (wanted.Count == 0)
        {
            return faults;
        }

        var campaignIds = Ids(wanted, Kind.Campaign);
        var segmentIds = Ids(wanted, Kind.Segment);
        var listIds = Ids(wanted, Kind.List);
        var campaigns = await db.Campaigns.Where(campaign => campaignIds.Contains(campaign.Id)).Select(campaign => new { campaign.Id, campaign.Status })
            .ToDictionaryAsync(campaign => campaign.Id, campaign => campaign.Status, cancellationToken);
        var segments = await db.Segments.Where(segment => segmentIds.Contains(segment.Id)).Select(segment => segment.Id).ToListAsync(cancellationToken);
        var lists = await db.Lists.Where(list => listIds.Contains(list.Id)).Select(list => list.Id).ToListAsync(cancellationToken);
        foreach (var reference in wanted)
        {
            var error = reference.Kind switch
            {
                Kind.Campaign when !campaigns.TryGetValue(reference.Id, out _) => "there is no such campaign",
                Kind.Campaign when reference.Sends && campaigns[reference.Id] is CampaignStatus.Completed or CampaignStatus.Cancelled or CampaignStatus.Failed =>
                    $"the campaign is {campaigns[reference.Id]}: nothing more is sent of it",
                Kind.Segment when !segments.Contains(reference.Id) => "there is no such segment",
                Kind.List when !lists.Contains(reference.Id) => "there is no such list",
                _ => null,
            };
            if (error is not null)
            {
                faults.Add(new JourneyFault(reference.StepId, reference.Path, error));
            }
        }

        return faults;
    }

    /// <summary>The campaigns a journey sends, each once.</summary>
    public static IReadOnlyList<long> CampaignsSent(JourneyDefinition definition) =>
        [.. definition.Steps.OfType<SendStep>().Select(send => send.CampaignId).Where(id => id != 0).Distinct()];

    private static IEnumerable<(SegmentRule Rule, string? StepId, string Path)> Rules(JourneyDefinition definition)
    {
        if (definition.Exit.Goal is JourneyGoal.OfRule goal)
        {
            yield return (goal.Rule, null, "exit.goal");
        }

        for (var i = 0; i < definition.Steps.Count; i++)
        {
            if (definition.Steps[i] is ConditionStep { Test: JourneyTest.OfRule test } step)
            {
                yield return (test.Rule, step.Id, $"steps[{i}].test");
            }
        }
    }

    private static List<long> Ids(List<Reference> wanted, Kind kind) => [.. wanted.Where(reference => reference.Kind == kind).Select(reference => reference.Id).Distinct()];

    private static IEnumerable<Reference> Of(JourneyDefinition definition)
    {
        yield return definition.Trigger switch
        {
            JourneyTrigger.OfEvent reported => new Reference(Kind.Campaign, reported.CampaignId, null, "trigger.campaign_id"),
            JourneyTrigger.SegmentJoined joined => new Reference(Kind.Segment, joined.SegmentId, null, "trigger.segment_id"),
            JourneyTrigger.ListJoined joined => new Reference(Kind.List, joined.ListId, null, "trigger.list_id"),
            _ => default,
        };
        if (definition.Exit.Goal is JourneyGoal.OfEvent goal)
        {
            yield return new Reference(Kind.Campaign, goal.CampaignId, null, "exit.goal.campaign_id");
        }

        for (var i = 0; i < definition.Steps.Count; i++)
        {
            var step = definition.Steps[i];
            yield return step switch
            {
                SendStep send => new Reference(Kind.Campaign, send.CampaignId, step.Id, $"steps[{i}].campaign_id", Sends: true),
                AddToListStep add => new Reference(Kind.List, add.ListId, step.Id, $"steps[{i}].list_id"),
                RemoveFromListStep remove => new Reference(Kind.List, remove.ListId, step.Id, $"steps[{i}].list_id"),
                ConditionStep { Test: JourneyTest.InSegment segment } => new Reference(Kind.Segment, segment.SegmentId, step.Id, $"steps[{i}].test.segment_id"),
                _ => default,
            };
        }
    }

    private enum Kind : byte
    {
        Campaign,
        Segment,
        List,
    }

    private readonly record struct Reference(Kind Kind, long Id, string? StepId, string Path, bool Sends = false);
}
