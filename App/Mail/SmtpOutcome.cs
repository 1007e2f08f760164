namespace ScoreTracking.Mail;

/// <summary>What became of a message for one recipient.</summary>
public enum SmtpVerdict
{
    /// <summary>The server took it and is answerable for it now.</summary>
    Accepted,

    /// <summary>Refused for good: the same message to the same recipient will be refused again.</summary>
    Refused,

    /// <summary>Refused for now, by an answer about this message or recipient: try later.</summary>
    Deferred,

    /// <summary>Not handed over, because there was no connection or it broke before the end of the mail. Says nothing about the recipient.</summary>
    Unreachable,

    /// <summary>The mail was sent to its end, but the answer never came or made no sense: the server may have it or not.</summary>
    Uncertain,
}

/// <summary>Where a conversation with a server was.</summary>
public enum SmtpStep
{
    Connect,
    Tls,
    Greeting,
    Hello,
    SignIn,
    Sender,
    Recipient,
    Data,
    Content,

    /// <summary>The answer to the whole mail.</summary>
    Accept,
}

/// <summary>What became of a message for one recipient, and why.</summary>
/// <param name="Recipient">As given in the envelope.</param>
/// <param name="Step">Where it was decided.</param>
/// <param name="Code">The server's reply code; null where it said none.</param>
/// <param name="EnhancedStatus">The server's, or ours where we know without asking that it cannot take the mail.</param>
/// <param name="Text">The server's words, or ours: a sentence for people. May quote addresses.</param>
public sealed record SmtpOutcome(string Recipient, SmtpVerdict Verdict, SmtpStep Step, int? Code, string? EnhancedStatus, string Text)
{
    /// <summary>As of <see cref="SmtpConnectionException.NeedsOperator"/>: there was no conversation, and will be none until a setting changes.</summary>
    public bool NeedsOperator { get; init; }

    internal static SmtpOutcome Of(string recipient, SmtpStep step, SmtpReply reply) => new(
        recipient,
        reply.IsPositive ? SmtpVerdict.Accepted : reply.IsPermanent ? SmtpVerdict.Refused : SmtpVerdict.Deferred,
        step,
        reply.Code,
        reply.EnhancedStatus,
        reply.Text);
}

/// <summary>Who a message is from and for, as the server is told.</summary>
/// <param name="Sender">Where bounces go; empty for a message that must not bounce.</param>
/// <param name="Recipients">1 to 100.</param>
/// <param name="EnvelopeId">Comes back in bounces as Original-Envelope-Id where the server knows delivery reports (RFC 3461); at most 64 printable ASCII characters.</param>
public sealed record SmtpEnvelope(string Sender, IReadOnlyList<string> Recipients, string? EnvelopeId = null)
{
    /// <summary>RFC 5321: what every server must take in one transaction.</summary>
    public const int MaxRecipients = 100;
}

/// <summary>There is no conversation with the server, or it has ended.</summary>
/// <param name="needsOperator">Trying again is useless until somebody changes a setting, here or there: sign-in refused, wrong certificate, no encryption.</param>
public sealed class SmtpConnectionException(SmtpStep step, string message, bool needsOperator = false, SmtpReply? reply = null, Exception? inner = null)
    : Exception(message, inner)
{
    public SmtpStep Step { get; } = step;
    public SmtpReply? Reply { get; } = reply;
    public bool NeedsOperator { get; } = needsOperator;

    internal static SmtpConnectionException Of(SmtpStep step, SmtpReply reply, string did) =>
        new(step, $"{did}: {reply}", needsOperator: reply.IsPermanent, reply);
}
