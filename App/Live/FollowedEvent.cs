using ScoreTracking.Events;

namespace ScoreTracking.Live;

/// <summary>An event of the log as a follower meets it, with the verdict it has by then.</summary>
/// <param name="Id">Position in the log: rises with arrival.</param>
/// <param name="CampaignId">0 for a single mail.</param>
/// <param name="OccurredAt">Unix milliseconds.</param>
/// <param name="Repeat">A repeated pixel load or double click.</param>
public readonly record struct FollowedEvent(long Id, long MessageId, long CampaignId, EventType Type, long OccurredAt, Verdict Verdict, bool Repeat)
{
    /// <summary>A counted open or click by a person: what notifications go by.</summary>
    public bool IsConfirmedHit => Type.IsHit() && !Repeat && Verdict.Group() == VerdictGroup.Person;

    /// <summary>1 where an earlier arrival already was a person's counted hit of the same message (?1) and type (?2) before the event (?3): then this one is not the first.</summary>
    public const string EarlierHit = "SELECT 1 FROM events WHERE message_id = ?1 AND type = ?2 AND id < ?3 AND repeat = 0 AND verdict IN (1, 2) LIMIT 1";

    /// <summary>1 where an event of the same message (?1) and type (?2) arrived before the event (?3).</summary>
    public const string EarlierEvent = "SELECT 1 FROM events WHERE message_id = ?1 AND type = ?2 AND id < ?3 LIMIT 1";
}
