using ScoreTracking.Data;

namespace ScoreTracking.Experiments;

/// <summary>Where the test of a started campaign stands, in words of the API.</summary>
/// <param name="State">testing; undecided: it has ended, and a person must say who gets the rest; decided; ended: everybody was in it, and nobody was chosen.</param>
/// <param name="EndsAt">When it ends or ended; null while the sample is still leaving, and where no end is set.</param>
/// <param name="Winner">Id of the variant that was chosen.</param>
/// <param name="DecidedBy">rule or person.</param>
/// <param name="Reason">For people: why that one, or why none.</param>
public sealed record TestPhase(string State, DateTimeOffset? EndsAt, string? Winner, DateTimeOffset? DecidedAt, string? DecidedBy, string? Reason)
{
    public const string Testing = "testing";
    public const string Undecided = "undecided";
    public const string Decided = "decided";
    public const string Ended = "ended";

    /// <summary>Null before a start, and for a test of everybody in which nobody was chosen.</summary>
    public static TestPhase? Of(Campaign campaign) =>
        campaign.StartedAt == 0 ? null : Of(TestPlan.Read(campaign.AbTest), TestOutcome.Read(campaign.TestOutcome), campaign.TestOpen, campaign.TestEndsAt);

    internal static TestPhase? Of(TestPlan? plan, TestOutcome? outcome, bool isOpen, long endsAt)
    {
        if (plan is null || (!plan.HasPhase && outcome is null))
        {
            return null;
        }

        var state = outcome switch
        {
            { VariantId: not null } => Decided,
            { } when isOpen => Undecided,
            null when isOpen => Testing,
            _ => Ended,
        };
        return new TestPhase(state, StoredTime.OrNull(endsAt), outcome?.VariantId, outcome?.At, outcome?.By, outcome?.Reason);
    }
}
