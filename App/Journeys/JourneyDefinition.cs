using ScoreTracking.Events;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>
/// What happens to people step by step: what begins it, the steps, and what ends it early. Whoever begins comes to the
/// first step of the list. A definition may be unfinished: <see cref="JourneyRules"/> says what is wrong with one.
/// </summary>
/// <param name="AgainAfterEnd">Whether a person who came to an end may begin once more; else everybody goes through at most once.</param>
public sealed record JourneyDefinition(JourneyTrigger Trigger, IReadOnlyList<JourneyStep> Steps, JourneyExits Exit, bool AgainAfterEnd)
{
    public static readonly JourneyDefinition Empty = new(new JourneyTrigger.Api(), [], JourneyExits.Usual, AgainAfterEnd: false);

    /// <summary>Null without steps.</summary>
    public JourneyStep? First => Steps.Count > 0 ? Steps[0] : null;

    public JourneyStep? Find(string? id) => id is null ? null : Steps.FirstOrDefault(step => step.Id == id);
}

/// <summary>What begins a journey for a person.</summary>
public abstract record JourneyTrigger
{
    private JourneyTrigger()
    {
    }

    /// <summary>Only a program, or one of us by hand.</summary>
    public sealed record Api : JourneyTrigger;

    /// <summary>Something that happens to mail; of opens and clicks only those of people.</summary>
    /// <param name="CampaignId">0 for mail of any campaign, and single mails.</param>
    /// <param name="LinkContains">Part of the URL that is clicked; "" for any.</param>
    public sealed record OfEvent(EventType Type, long CampaignId, string LinkContains) : JourneyTrigger;

    /// <param name="SegmentId">0 where none is chosen yet.</param>
    /// <param name="Existing">Whether those who are in it when the journey is published begin, too.</param>
    public sealed record SegmentJoined(long SegmentId, bool Existing) : JourneyTrigger;

    /// <param name="ListId">0 where none is chosen yet.</param>
    public sealed record ListJoined(long ListId) : JourneyTrigger;
}

/// <summary>What ends a journey before its end. Who is erased or deleted always leaves.</summary>
/// <param name="Unsubscribed">Whoever may not be mailed any more, for whatever reason, leaves at once.</param>
/// <param name="Goal">Whoever reaches it leaves; null without one.</param>
public sealed record JourneyExits(bool Unsubscribed, JourneyGoal? Goal)
{
    public static readonly JourneyExits Usual = new(Unsubscribed: true, Goal: null);
}

/// <summary>What a journey is to reach.</summary>
public abstract record JourneyGoal
{
    private JourneyGoal()
    {
    }

    /// <summary>Something that happens to the person's mail after they began; of opens and clicks only those of people.</summary>
    /// <param name="CampaignId">0 for any mail.</param>
    /// <param name="LinkContains">"" for any link.</param>
    public sealed record OfEvent(EventType Type, long CampaignId, string LinkContains) : JourneyGoal;

    /// <summary>A rule as segments have it.</summary>
    public sealed record OfRule(SegmentRule Rule) : JourneyGoal;
}

/// <summary>What a condition asks.</summary>
public abstract record JourneyTest
{
    private JourneyTest()
    {
    }

    /// <summary>Whether something has happened to the message a step of this journey sent.</summary>
    public sealed record OfMessage(EventType Type, string MessageOf) : JourneyTest;

    /// <param name="SegmentId">0 where none is chosen yet.</param>
    public sealed record InSegment(long SegmentId) : JourneyTest;

    /// <summary>A rule as segments have it.</summary>
    public sealed record OfRule(SegmentRule Rule) : JourneyTest;
}
