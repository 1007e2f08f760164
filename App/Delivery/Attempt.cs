namespace ScoreTracking.Delivery;

/// <summary>One attempt at handing over one message.</summary>
/// <param name="CampaignId">0 for a single mail.</param>
/// <param name="Number">From 1, never used again for the same message: what makes its report idempotent.</param>
/// <param name="FirstAt">Unix milliseconds of the first attempt; 0 where this is it.</param>
/// <param name="MimeId">The mail's Message-ID, without brackets; empty where no mail was written.</param>
internal sealed record Attempt(long MessageId, long CampaignId, long ConnectionId, int Number, long FirstAt, string MimeId);

/// <summary>What came of an attempt. The numbers are stored.</summary>
internal enum AttemptEnd : byte
{
    /// <summary>Not known: the mail may be going out at this moment.</summary>
    Open = 0,
    Accepted = 1,
    Refused = 2,
    Deferred = 3,
    Uncertain = 4,

    /// <summary>Not handed over, because something said no.</summary>
    Dropped = 5,
}

/// <summary>An attempt and its end.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Text">The server's words, or ours.</param>
/// <param name="EspMessageId">What the server calls the message; empty where it does not say.</param>
internal sealed record AttemptOutcome(Attempt Attempt, AttemptEnd End, long At, int Code = 0, string Status = "", string Text = "", string EspMessageId = "");
