namespace ScoreTracking.Reports;

/// <summary>Which opens the headline counts.</summary>
public enum OpensView
{
    /// <summary>People, image proxies and privacy mailboxes: comparable with what ESPs report.</summary>
    All,

    /// <summary>People and image proxies only.</summary>
    Confirmed,
}

/// <summary>What rates are divided by.</summary>
public enum RateBasis
{
    Sent,
    Delivered,
}

/// <summary>How a report is looked at. Both switches only choose between counters that exist, so they cost nothing.</summary>
public readonly record struct ReportView(OpensView Opens, RateBasis Basis)
{
    /// <summary>Reads <c>?opens=all|confirmed&amp;basis=sent|delivered</c>; what it cannot read lands in <paramref name="errors"/>.</summary>
    internal static ReportView Read(string? opens, string? basis, Dictionary<string, string[]> errors)
    {
        if (opens is not (null or "all" or "confirmed"))
        {
            errors["opens"] = ["must be all or confirmed"];
        }

        if (basis is not (null or "sent" or "delivered"))
        {
            errors["basis"] = ["must be sent or delivered"];
        }

        return new ReportView(
            opens == "confirmed" ? OpensView.Confirmed : OpensView.All,
            basis == "delivered" ? RateBasis.Delivered : RateBasis.Sent);
    }
}
