using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>What came of handing a letter over.</summary>
/// <param name="Code">SMTP reply code or HTTP status; null where nothing was said.</param>
/// <param name="EnhancedStatus">"5.1.1", where the server gave one.</param>
/// <param name="Text">The server's words, or ours: a sentence for people. May quote addresses.</param>
/// <param name="EspMessageId">What the server calls the message, where it says so.</param>
/// <param name="NeedsOperator">Trying again is useless until somebody changes a setting: sign-in refused, wrong certificate, no permission. Stops the connection, not the letter.</param>
public sealed record HandOff(SmtpVerdict Verdict, int? Code, string? EnhancedStatus, string Text, string? EspMessageId = null, bool NeedsOperator = false);
