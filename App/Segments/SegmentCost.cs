namespace ScoreTracking.Segments;

/// <summary>What asking costs, roughly in multiples of a look at the contact's own narrow row: cheap conditions go first, so that dear ones are asked of those they leave open.</summary>
internal static class SegmentCost
{
    public static int Of(SegmentRule rule) => rule switch
    {
        AllOf all => all.Rules.Sum(Of),
        AnyOf any => any.Rules.Sum(Of),
        NoneOf none => Of(none.Rule),
        ListRule => 2,
        EventRule { LinkContains: not null } => 30,
        EventRule { CampaignId: not null } => 6,
        EventRule { AtLeast: > 1, Within: not null } => 20,
        EventRule => 1,
        FieldRule { Field: SegmentField.Score or SegmentField.Suppressed } => 1,
        FieldRule { Field: SegmentField.CreatedAt or SegmentField.Consent } => 3,
        FieldRule { Field: SegmentField.Email or SegmentField.CustomerId or SegmentField.Reason } => 5,
        _ => 10,
    };
}
