namespace ScoreTracking.Reports;

/// <summary>The figures of a campaign or of one of its variants. Messages with at least one, except where a name says total.</summary>
public record Figures
{
    /// <summary>Handed off, by us or as the caller reported.</summary>
    public required long Sent { get; init; }

    /// <summary>Null when the campaign never had a delivery report: then nobody knows, and 0 would be a claim.</summary>
    public required long? Delivered { get; init; }

    /// <summary>By the chosen view: people and privacy mailboxes, or people only.</summary>
    public required long Opened { get; init; }

    /// <summary>Opened by a person, or inferred from a person's click.</summary>
    public required long ConfirmedOpened { get; init; }

    /// <summary>Counted opens of the chosen view.</summary>
    public required long TotalOpens { get; init; }
    public required long Clicked { get; init; }
    public required long TotalClicks { get; init; }
    public required Bounces Bounced { get; init; }
    public required long Complained { get; init; }
    public required long Unsubscribed { get; init; }
    public required long Deferred { get; init; }
    public required long Dropped { get; init; }
    public required long Replied { get; init; }
    public required Filtered Filtered { get; init; }
    public required Rates Rates { get; init; }
}

/// <summary>Messages whose final state is bounced.</summary>
public sealed record Bounces(long Total, long Hard, long Soft, long Block);

/// <summary>Opens and clicks by machines: stored and shown, never part of a rate.</summary>
public sealed record Filtered(long Scanner, long Prefetch, long Self);

/// <summary>Divided by sent or delivered as chosen, except bounces, always by sent since none of them was delivered, and click-to-open, by opened.</summary>
public sealed record Rates(Ratio Open, Ratio Click, Ratio ClickToOpen, Ratio Bounce, Ratio Complaint, Ratio Unsubscribe);

/// <summary>A rate with what it came from.</summary>
/// <param name="Denominator">Null where it is not known: delivered, without delivery reports.</param>
public sealed record Ratio(long Numerator, long? Denominator)
{
    /// <summary>0 to 1, or null without a denominator: absent, neither infinite nor 0.</summary>
    public double? Rate => Denominator is > 0 and var denominator ? (double)Numerator / denominator : null;
}
