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

    /// <summary>The connection it is handed to, as the API has it; "" where its writer sends it.</summary>
    public string Via { get; set; } = "";

    /// <summary>Go with it where it is handed over.</summary>
    public List<MailFile> Files { get; } = [];

    /// <summary>An address for each recipient, in the order typed. What is none stays as it was typed, for the rules to refuse.</summary>
    public IReadOnlyList<string> Recipients =>
        [.. Pieces(To).Select(piece => piece.Trim()).Where(piece => piece.Length > 0).Select(piece => Mailbox.First(piece)?.Address ?? piece)];

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
        Send = Via.Length > 0,
        ConnectionId = Via.Length > 0 ? Via : null,
        Attachments = Via.Length > 0 && Files.Count > 0 ? [.. Files] : null,
    };

    // A comma within quotes belongs to the name.
    private static IEnumerable<string> Pieces(string text)
    {
        var (start, quoted) = (0, false);
        for (var at = 0; at < text.Length; at++)
        {
            quoted = text[at] switch { '"' => !quoted, '\n' => false, _ => quoted };
            if (text[at] is '\n' or '\r' || (!quoted && text[at] is (',' or ';')))
            {
                yield return text[start..at];
                start = at + 1;
            }
        }

        yield return text[start..];
    }
}
