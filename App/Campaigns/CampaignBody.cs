namespace ScoreTracking.Campaigns;

/// <summary>A campaign as the API takes it. Whatever is missing reads as null, so that <see cref="CampaignRules"/> can name every fault at once.</summary>
public sealed record CampaignBody
{
    public string? Name { get; init; }
    public SenderBody? From { get; init; }
    public string? ReplyTo { get; init; }
    public bool? TrackOpens { get; init; }
    public bool? TrackClicks { get; init; }
    public ContentBody? Content { get; init; }

    /// <summary>What the mail is about, such as "Offers": recipients may refuse topics one by one, and who refused all of them gets no mail of the campaign.</summary>
    public IReadOnlyList<string?>? Topics { get; init; }

    /// <summary>external: the caller sends; smtp: this server hands the mail to a connection.</summary>
    public string? Delivery { get; init; }

    /// <summary>With smtp: the connection, which may be an SMTP server or an ESP's own interface.</summary>
    public string? ConnectionId { get; init; }
    public AbTestBody? AbTest { get; init; }
}

public sealed record SenderBody
{
    public string? Email { get; init; }
    public string? Name { get; init; }
}

/// <summary>What is sent, with merge fields: <c>{{first_name}}</c>.</summary>
public sealed record ContentBody
{
    public string? Subject { get; init; }
    public string? Preheader { get; init; }
    public string? Html { get; init; }
    public string? Text { get; init; }
}

/// <summary>A full factorial test: every level of a factor meets every level of the others.</summary>
public sealed record AbTestBody
{
    public IReadOnlyList<FactorBody>? Factors { get; init; }

    /// <summary>equal or weighted.</summary>
    public string? Distribution { get; init; }

    /// <summary>One share per variant in factorial order, 1 in sum; only with "weighted".</summary>
    public IReadOnlyList<double>? Weights { get; init; }
    public int? SamplePercent { get; init; }
    public WinnerBody? Winner { get; init; }
}

public sealed record FactorBody
{
    /// <summary>subject, html, from_name or preheader.</summary>
    public string? Field { get; init; }
    public IReadOnlyList<LevelBody>? Levels { get; init; }
}

public sealed record LevelBody
{
    public string? Key { get; init; }
    public string? Value { get; init; }
}

/// <summary>How the winner is found.</summary>
public sealed record WinnerBody
{
    /// <summary>manual.</summary>
    public string? Mode { get; init; }

    /// <summary>open_rate, click_rate or click_to_open.</summary>
    public string? Metric { get; init; }
    public double? AfterHours { get; init; }
    public double? MinProbability { get; init; }
    public long? MinPerVariant { get; init; }
}
