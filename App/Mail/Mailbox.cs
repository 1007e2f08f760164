namespace ScoreTracking.Mail;

/// <summary>An address and the name in front of it.</summary>
/// <param name="Address">As written, without brackets; always has an @.</param>
/// <param name="Name">Decoded; null when there is none.</param>
public sealed record Mailbox(string Address, string? Name)
{
    private const int MaxMailboxes = 100;

    /// <summary>The mailboxes of a From, To or Cc field, at most a hundred. What holds no address is left out: empty groups, "MAILER-DAEMON".</summary>
    public static IReadOnlyList<Mailbox> Parse(string? field)
    {
        var mailboxes = new List<Mailbox>();
        foreach (var piece in Pieces(field ?? ""))
        {
            if (mailboxes.Count < MaxMailboxes && One(piece) is { } mailbox)
            {
                mailboxes.Add(mailbox);
            }
        }

        return mailboxes;
    }

    /// <summary>The first mailbox of a field, or null.</summary>
    public static Mailbox? First(string? field) => Parse(field) is [var first, ..] ? first : null;

    /// <summary>An address without brackets, quotes and "mailto:", or null when it is none.</summary>
    public static string? Clean(string? text)
    {
        var address = text?.Trim().Trim('<', '>', '\'', '[', ']', ',', ';', ':', '.').Trim();
        address = address?.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) == true ? address[7..] : address;
        return address is { Length: <= MailLimits.AddressText } && IsAddress(address) ? address : null;
    }

    private static bool IsAddress(string text)
    {
        var at = text.LastIndexOf('@');
        return at > 0 && at < text.Length - 1 && !text.Any(char.IsControl) && !text.AsSpan(at).Contains(' ');
    }

    // Commas within quotes, brackets and comments separate nothing; a semicolon ends a group.
    private static IEnumerable<string> Pieces(string field)
    {
        var quoted = false;
        int start = 0, comment = 0, bracket = 0;
        for (var at = 0; at < field.Length; at++)
        {
            switch (field[at])
            {
                case '\\' when quoted:
                    at++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case '(' when !quoted:
                    comment++;
                    break;
                case ')' when !quoted && comment > 0:
                    comment--;
                    break;
                case '<' when !quoted:
                    bracket = 1;
                    break;
                case '>' when !quoted:
                    bracket = 0;
                    break;
                case ',' or ';' when !quoted && comment + bracket == 0:
                    yield return field[start..at];
                    start = at + 1;
                    break;
            }
        }

        yield return field[start..];
    }

    private static Mailbox? One(string piece)
    {
        var open = piece.LastIndexOf('<');
        if (open >= 0)
        {
            var close = piece.IndexOf('>', open);
            var name = HeaderText.Decode(piece[..open].Trim().Trim('"')).Replace("\\\"", "\"", StringComparison.Ordinal);
            return Clean(close < 0 ? piece[(open + 1)..] : piece[(open + 1)..close]) is { } inside ? new Mailbox(inside, MailLines.OneLine(name, MailLimits.Line)) : null;
        }

        foreach (var word in HeaderText.WithoutComments(piece).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (Clean(word) is { } address)
            {
                return new Mailbox(address, null);
            }
        }

        return null;
    }
}
