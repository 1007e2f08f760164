using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys;

/// <summary>A journey as the log concerns it.</summary>
/// <param name="Trigger">What begins it; null where nobody begins now.</param>
/// <param name="Goals">Of all versions people may still be on.</param>
internal sealed record FollowedJourney(long Id, JourneyTrigger? Trigger, IReadOnlySet<long> Sends, IReadOnlyList<JourneyGoal> Goals);

/// <summary>What of the log journeys wait for, looked up without a database at every event. Read anew whenever a journey is published, paused, resumed or archived.</summary>
internal sealed class JourneyInterest(IDbContextFactory<ScoreDb> databases)
{
    private IReadOnlyList<FollowedJourney> _all = [];

    /// <summary>Published and paused ones: those on the way wait for events all the same.</summary>
    public IReadOnlyList<FollowedJourney> All => Volatile.Read(ref _all);

    public void Read()
    {
        using var db = databases.CreateDbContext();
        var followed = new List<FollowedJourney>();
        foreach (var journey in db.Journeys.Where(j => j.Status == JourneyStatus.Published || j.Status == JourneyStatus.Paused).ToList())
        {
            var versions = db.JourneyVersions.Where(v => v.JourneyId == journey.Id).OrderBy(v => v.Version).Select(v => v.Definition).ToList().ConvertAll(JourneyJson.Read);
            if (versions.Count > 0)
            {
                followed.Add(new FollowedJourney(
                    journey.Id,
                    journey.Status == JourneyStatus.Published ? versions[^1].Trigger : null,
                    versions.SelectMany(JourneyReferences.CampaignsSent).ToHashSet(),
                    [.. versions.Select(version => version.Exit.Goal).OfType<JourneyGoal>().Distinct()]));
            }
        }

        Volatile.Write(ref _all, followed);
    }

    /// <summary>Whether anything may follow from it.</summary>
    public bool Wants(in FollowedEvent followed)
    {
        foreach (var journey in All)
        {
            if (journey.Sends.Contains(followed.CampaignId) || Begins(journey.Trigger, followed) || journey.Trigger is JourneyTrigger.SegmentJoined)
            {
                return true;
            }

            foreach (var goal in journey.Goals)
            {
                if (MayReach(goal, followed))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether it begins a journey, the link aside.</summary>
    public static bool Begins(JourneyTrigger? trigger, in FollowedEvent followed) =>
        trigger is JourneyTrigger.OfEvent wanted && Matches(wanted.Type, wanted.CampaignId, followed);

    public static bool MayReach(JourneyGoal goal, in FollowedEvent followed) =>
        goal is not JourneyGoal.OfEvent wanted || Matches(wanted.Type, wanted.CampaignId, followed);

    // A click tells of an open, whether or not one was seen.
    private static bool Matches(EventType type, long campaignId, in FollowedEvent followed) =>
        (type == followed.Type || (type == EventType.Opened && followed.Type == EventType.Clicked)) && (campaignId == 0 || campaignId == followed.CampaignId);
}
