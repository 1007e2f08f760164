using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys.Editor;

/// <summary>Something a step can be about, as it stands in a list of choices.</summary>
/// <param name="Note">What there is to know of it: a campaign's state; "" where there is nothing.</param>
public sealed record NamedThing(long Id, string Name, string Note);

/// <summary>What campaigns, segments, lists and attributes are called.</summary>
public sealed record JourneyNames(
    IReadOnlyList<NamedThing> Campaigns, IReadOnlyList<NamedThing> Segments, IReadOnlyList<NamedThing> Lists, IReadOnlyList<string> Attributes)
{
    public static readonly JourneyNames None = new([], [], [], []);

    /// <summary>Of campaigns, the newest; others by their names in the definition all the same.</summary>
    private const int MostChoices = 500;

    /// <summary>Contacts whose attributes are offered: the newest.</summary>
    private const int ContactsAsked = 2_000;
    private const int MostAttributes = 100;

    public string Campaign(long id) => Name(Campaigns, id, "campaign");

    public string Segment(long id) => Name(Segments, id, "segment");

    public string List(long id) => Name(Lists, id, "list");

    /// <summary>As sentences about rules want them.</summary>
    public SegmentNames ForRules => new(Campaigns.ToDictionary(campaign => campaign.Id, campaign => campaign.Name), Lists.ToDictionary(list => list.Id, list => list.Name));

    /// <param name="definitions">Campaigns they speak of are among the names, whatever became of them.</param>
    public static async Task<JourneyNames> ReadAsync(ScoreDb db, IEnumerable<JourneyDefinition> definitions, CancellationToken cancellationToken)
    {
        var used = definitions.SelectMany(CampaignsOf).Distinct().ToArray();
        var newest = await db.Campaigns.OrderByDescending(campaign => campaign.Id).Take(MostChoices)
            .Where(campaign => campaign.Status != CampaignStatus.Cancelled && campaign.Status != CampaignStatus.Failed)
            .Select(campaign => new NamedThing(campaign.Id, campaign.Name, campaign.Status)).ToListAsync(cancellationToken);
        var missing = used.Except(newest.Select(campaign => campaign.Id)).ToArray();
        if (missing.Length > 0)
        {
            newest.AddRange(await db.Campaigns.Where(campaign => missing.Contains(campaign.Id))
                .Select(campaign => new NamedThing(campaign.Id, campaign.Name, campaign.Status)).ToListAsync(cancellationToken));
        }

        return new JourneyNames(
            newest,
            await db.Segments.OrderBy(segment => segment.Name).Take(MostChoices).Select(segment => new NamedThing(segment.Id, segment.Name, "")).ToListAsync(cancellationToken),
            await db.Lists.OrderBy(list => list.Name).Take(MostChoices).Select(list => new NamedThing(list.Id, list.Name, "")).ToListAsync(cancellationToken),
            await AttributesAsync(db, cancellationToken));
    }

    private static async Task<IReadOnlyList<string>> AttributesAsync(ScoreDb db, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<string>(
            $"""
            SELECT DISTINCT a.key AS Value
            FROM (SELECT attributes FROM contacts ORDER BY id DESC LIMIT {ContactsAsked}) c, json_each(c.attributes) a
            ORDER BY a.key LIMIT {MostAttributes}
            """).ToListAsync(cancellationToken);

    private static IEnumerable<long> CampaignsOf(JourneyDefinition definition) =>
        JourneyReferences.CampaignsSent(definition)
            .Append(definition.Trigger is JourneyTrigger.OfEvent begins ? begins.CampaignId : 0)
            .Append(definition.Exit.Goal is JourneyGoal.OfEvent goal ? goal.CampaignId : 0)
            .Where(campaign => campaign != 0);

    private static string Name(IReadOnlyList<NamedThing> things, long id, string kind) =>
        id == 0 ? $"no {kind} chosen" : things.FirstOrDefault(thing => thing.Id == id)?.Name ?? $"a {kind} that was deleted";
}
