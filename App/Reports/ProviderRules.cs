namespace ScoreTracking.Reports;

/// <summary>When a mailbox provider's figures are trouble worth a mark. Few messages prove nothing, so they get none.</summary>
public static class ProviderRules
{
    /// <summary>Messages a provider must have got before its deliveries are judged.</summary>
    public const long MinSent = 50;

    /// <summary>How far its delivered share must lie below the rest's.</summary>
    public const double MinGap = 0.03;

    // One in a thousand by chance.
    private const double Deviations = 3.09;

    /// <summary>Whether a provider took clearly fewer of its messages than all others together: more than chance explains, and enough to matter.</summary>
    public static bool IsLowDelivery(long delivered, long sent, long othersDelivered, long othersSent)
    {
        if (sent < MinSent || othersSent < MinSent)
        {
            return false;
        }

        var (own, others) = ((double)delivered / sent, (double)othersDelivered / othersSent);
        var pooled = (double)(delivered + othersDelivered) / (sent + othersSent);
        var error = Math.Sqrt(Math.Max(pooled * (1 - pooled), 0) * ((1.0 / sent) + (1.0 / othersSent)));
        return others - own > MinGap && others - own > Deviations * error;
    }

    public static ComplaintLevel Complaints(Ratio complaints) => complaints switch
    {
        { Numerator: < DeliveryLimits.MinEvents } or { Denominator: null or < DeliveryLimits.MinSent } => ComplaintLevel.Usual,
        { Rate: >= DeliveryLimits.ComplaintBad } => ComplaintLevel.High,
        { Rate: >= DeliveryLimits.ComplaintWarning } => ComplaintLevel.Raised,
        _ => ComplaintLevel.Usual,
    };
}

/// <summary>How a provider's complaint rate is to be taken.</summary>
public enum ComplaintLevel
{
    Usual,

    /// <summary>0.1 % and more.</summary>
    Raised,

    /// <summary>0.3 % and more.</summary>
    High,
}
