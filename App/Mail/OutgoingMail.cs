namespace ScoreTracking.Mail;

/// <summary>A mail to be written: what it says and to whom, nothing about how that is encoded. <see cref="MimeWriter"/> writes it.</summary>
public sealed record OutgoingMail
{
    public required Mailbox From { get; init; }

    /// <summary>The To field; who really gets the mail is the envelope's to say.</summary>
    public required IReadOnlyList<Mailbox> To { get; init; }

    public IReadOnlyList<Mailbox> Cc { get; init; } = [];
    public Mailbox? ReplyTo { get; init; }
    public required string Subject { get; init; }

    /// <summary>Null for a mail in plain text only.</summary>
    public string? Html { get; init; }

    /// <summary>The plain text; beside HTML its alternative. One of the two must be there.</summary>
    public string? Text { get; init; }

    /// <summary>The Date field, in the offset given.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Without brackets; <see cref="MimeWriter.MessageId"/> makes one.</summary>
    public required string MessageId { get; init; }

    /// <summary>Travels in X-ST-Message-ID, so that whoever reports on this mail names it: "msg_…".</summary>
    public string? OurMessageId { get; init; }

    /// <summary>The addresses of List-Unsubscribe in order, without brackets: https and mailto.</summary>
    public IReadOnlyList<string> ListUnsubscribe { get; init; } = [];

    /// <summary>Adds List-Unsubscribe-Post (RFC 8058): the first https address then unsubscribes by a POST without a question.</summary>
    public bool OneClickUnsubscribe { get; init; }

    /// <summary>Fields besides those written from the properties above: Feedback-ID, List-Id, In-Reply-To, X-….</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<OutgoingAttachment> Attachments { get; init; } = [];
}

/// <summary>A file in a mail.</summary>
/// <param name="FileName">At most 200 characters. Without folders: slashes are written as underscores.</param>
/// <param name="ContentType">"application/pdf". Containers (multipart, message) are sent as plain bytes, for they must not be encoded.</param>
public sealed record OutgoingAttachment(string FileName, string ContentType, ReadOnlyMemory<byte> Content)
{
    /// <summary>Longest file name that is written.</summary>
    public const int MaxFileName = 200;
}
