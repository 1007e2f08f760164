using ScoreTracking.Events;

namespace ScoreTracking.Mail;

/// <summary>What an inbound mail says about a message of ours.</summary>
public enum InboundKind
{
    /// <summary>No mail one could answer: no sender, or not a mail at all.</summary>
    Unreadable,
    Bounced,
    Deferred,
    Delivered,
    Complained,
    Unsubscribed,

    /// <summary>A person took a complaint back ("not spam").</summary>
    NotSpam,

    /// <summary>A DMARC, SPF or DKIM failure report (RFC 6591): about the sender's set-up, not about a recipient's wish.</summary>
    AuthenticationFailure,

    /// <summary>A machine answered: out of office, ticket received. Not a reply.</summary>
    AutoReply,

    /// <summary>Displayed, or deleted unread (RFC 8098). Neither bounce nor reply.</summary>
    ReadReceipt,

    /// <summary>An Amazon SES notification sent by mail; <see cref="InboundReading.Text"/> is its JSON.</summary>
    SesNotification,
    Replied,
}

/// <summary>Which kinds are events of the log.</summary>
public static class InboundKinds
{
    public static EventType? Event(this InboundKind kind) => kind switch
    {
        InboundKind.Bounced => EventType.Bounced,
        InboundKind.Deferred => EventType.Deferred,
        InboundKind.Delivered => EventType.Delivered,
        InboundKind.Complained => EventType.Complained,
        InboundKind.Unsubscribed => EventType.Unsubscribed,
        InboundKind.Replied => EventType.Replied,
        InboundKind.Unreadable or InboundKind.NotSpam or InboundKind.AuthenticationFailure or InboundKind.AutoReply
            or InboundKind.ReadReceipt or InboundKind.SesNotification => null,
    };
}

/// <summary>What a mail says about one recipient.</summary>
public sealed record InboundResult(InboundKind Kind)
{
    /// <summary>The address we sent to, as far as the mail tells: for reports what they name, else the sender. Null when redacted.</summary>
    public string? Recipient { get; init; }

    /// <summary>Where it went in the end, when forwarded or rewritten to another address than <see cref="Recipient"/>.</summary>
    public string? FinalRecipient { get; init; }

    /// <summary>"5.1.1", the most specific one found.</summary>
    public string? Status { get; init; }

    /// <summary>The receiver's words, one line of at most <see cref="MailLimits.Line"/> characters.</summary>
    public string? Diagnostic { get; init; }

    /// <summary>None for everything but bounces.</summary>
    public BounceKind Bounce { get; init; }

    /// <summary>The server that answered.</summary>
    public string? RemoteMta { get; init; }

    /// <summary>When it happened by the report, else the mail's date. A stranger's clock.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>For complaints: "abuse", "fraud", "opt-out" and the like, lower case.</summary>
    public string? FeedbackType { get; init; }

    /// <summary>For complaints: how many the report stands for. Counted once.</summary>
    public int Incidents { get; init; } = 1;
}

/// <summary>A file that came with a mail. Its bytes are not kept.</summary>
/// <param name="Size">Bytes, decoded.</param>
public sealed record InboundAttachment(string? Name, string MediaType, int Size);

/// <summary>One inbound mail as read. Nothing in it is proven: mail can be forged, so only a token of ours may change anything.</summary>
public sealed record InboundReading
{
    /// <summary>At least one; several when a report names several recipients.</summary>
    public required IReadOnlyList<InboundResult> Results { get; init; }

    /// <summary>Addresses of ours found, best evidence first: where the mail was delivered to, then what the returned message carries.</summary>
    public IReadOnlyList<VerpAddress> Tokens { get; init; } = [];

    public Mailbox? From { get; init; }
    public IReadOnlyList<Mailbox> To { get; init; } = [];
    public string? Subject { get; init; }
    public DateTimeOffset? Date { get; init; }

    /// <summary>Without brackets, as all ids here.</summary>
    public string? MessageId { get; init; }
    public IReadOnlyList<string> InReplyTo { get; init; } = [];
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>The message a report returned or quoted.</summary>
    public ReturnedMessage? Returned { get; init; }

    /// <summary>The ENVID we gave with the message (RFC 3461).</summary>
    public string? EnvelopeId { get; init; }

    /// <summary>The server that wrote the report.</summary>
    public string? ReportingMta { get; init; }

    /// <summary>The mail's words, at most <see cref="MailLimits.Text"/> characters.</summary>
    public string Text { get; init; } = "";
    public IReadOnlyList<InboundAttachment> Attachments { get; init; } = [];
}
