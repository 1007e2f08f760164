namespace ScoreTracking.Campaigns;

/// <summary>Something to know before a campaign goes out.</summary>
/// <param name="Check">size, subject, preheader, from, sender, reply_to, text, links, images, unsubscribe, list_unsubscribe, tokens or fields.</param>
/// <param name="Verdict">good, warning, bad or unknown.</param>
/// <param name="Text">For people: what is the matter, and what to do.</param>
public sealed record SendFinding(string Check, string Verdict, string Text);

/// <summary>What was found; the worst first, in the order of the mail otherwise.</summary>
/// <param name="Verdict">The worst of them.</param>
public sealed record SendCheckAnswer(string Verdict, IReadOnlyList<SendFinding> Findings);
