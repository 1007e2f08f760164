using ScoreTracking.Mail;

namespace ScoreTracking.Messages;

/// <summary>A single mail while somebody writes it.</summary>
internal sealed class MailForm
{
    public string From { get; set; } = "";

    /// <summary>Addresses as people write them: one a line, or separated by commas.</summary>
    public string To { get; set; } = "";
    public string Subject { get; set; } = "";
    public string Html { get; set; } = "";
    public string Text { get; set; } = "";
    public bool TrackOpens { get; set; } = true;
    public bool TrackClicks { get; set; } = true;
    public bool NotifyFirstOpen { get; set; } = true;

    /// <summary>What was typed for each recipient, in order, so that errors can name it.</summary>
    public IReadOnlyList<string> Recipients =>
        [.. To.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).SelectMany(Addresses)];

    public MailBody ToBody() => new()
    {
        From = string.IsNullOrWhiteSpace(From) ? null : MailSender.Parse(From),
        To = [.. Recipients.Select(address => new MailRecipient { Email = address })],
        Subject = Subject.Trim(),
        Html = string.IsNullOrWhiteSpace(Html) ? null : Html,
        Text = string.IsNullOrWhiteSpace(Text) ? null : Text,
        TrackOpens = TrackOpens,
        TrackClicks = TrackClicks,
        NotifyFirstOpen = NotifyFirstOpen,
    };

    // A line without a mailbox stays as it is, for the rules to refuse.
    private static IEnumerable<string> Addresses(string line) =>
        Mailbox.Parse(line) is { Count: > 0 } mailboxes ? mailboxes.Select(mailbox => mailbox.Address) : [line];
}
