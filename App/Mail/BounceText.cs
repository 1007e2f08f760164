using System.Text.RegularExpressions;
using ScoreTracking.Events;

namespace ScoreTracking.Mail;

/// <summary>Bounces in prose, as servers without RFC 3464 write them. Best effort: the address at the head of a paragraph, and the answer below it.</summary>
internal static partial class BounceText
{
    // A server's answer is a few lines; what follows is advice.
    private const int MaxLines = 10;
    private const int MaxGuesses = 100;

    private static readonly string[] s_ourFields = ["To", "Cc", "From", "Delivered-To", "X-Original-To", "Reply-To"];
    private static readonly string[] s_beforeAddress = ["to", "for", "recipient", "address", "user", "email", "failed", "rcpt", "rcpt to", "your message to", "mailto"];

    /// <summary>What a report in prose says, or null when it names neither an address nor a code nor a failure.</summary>
    public static IReadOnlyList<InboundResult>? Read(MimePart mail, string text, string? subject, ReturnedMessage? returned)
    {
        var lines = Lines(text);
        var answer = lines.FirstOrDefault(HasCode);
        if (answer is null && !mail.Headers.Has("X-Failed-Recipients") && !MailMarks.SpeaksOfFailure(subject) && !lines.Any(MailMarks.SpeaksOfFailure))
        {
            return null; // an address alone may be a signature
        }

        var isDelay = Delay().IsMatch(subject ?? "") || (lines.Any(Delay().IsMatch) && !lines.Any(GivenUp().IsMatch));
        var failures = Failures(mail, lines, returned);
        if (failures.Count == 0)
        {
            failures.Add((returned?.To is [var only] ? only : null, answer));
        }

        var date = MailDate.Parse(mail.Headers.Raw("Date"));
        return failures.Select(failure =>
        {
            // The transcript of the session may stand apart from the address; with one address there is no doubt whose it is.
            var words = failures.Count == 1 && answer is not null && !HasCode(failure.Words ?? "") ? failure.Words + " " + answer : failure.Words;
            words = MailLines.OneLine(words, MailLimits.Line);
            var status = BounceClass.StatusOf(null, words);
            return new InboundResult(isDelay ? InboundKind.Deferred : InboundKind.Bounced)
            {
                Recipient = failure.Address,
                Status = status,
                Diagnostic = words,
                Bounce = isDelay ? BounceKind.None : BounceClass.Classify(status, null, words) is var kind && kind == BounceKind.None ? BounceKind.Soft : kind,
                OccurredAt = date,
            };
        }).ToList();
    }

    /// <summary>What a report says about an address: from its line to the end of the paragraph, or the next one where the address stands alone. Null when nothing.</summary>
    public static string? About(string[] lines, string? address)
    {
        if (address is null)
        {
            return null;
        }

        var found = Array.FindIndex(lines, line => line.Contains(address, StringComparison.OrdinalIgnoreCase));
        return found < 0 ? null : MailLines.OneLine(Paragraph(lines, found, lines[found], _ => false), MailLimits.Line);
    }

    /// <summary>The lines of a report, up to where the returned message begins.</summary>
    public static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        var end = Array.FindIndex(lines, line => ReturnedMessage.IsTelling(line) || CopyFollows().IsMatch(MailLines.Cut(line, 200)));
        return end < 0 ? lines : lines[..end];
    }

    private static List<(string? Address, string? Words)> Failures(MimePart mail, string[] lines, ReturnedMessage? returned)
    {
        var ours = Ours(mail.Headers, returned);
        var failed = Mailbox.Parse(mail.Headers.Raw("X-Failed-Recipients")).Select(mailbox => mailbox.Address).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (failed.Count > 0)
        {
            return failed.ConvertAll(address => ((string?)address, About(lines, address)));
        }

        var heads = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < lines.Length && heads.Count < MailLimits.Recipients; index++)
        {
            if (Head(lines[index], ours) is not { } head)
            {
                continue;
            }

            var words = Paragraph(lines, index, head.After, line => Head(line, ours) is { } other && !other.Address.Equals(head.Address, StringComparison.OrdinalIgnoreCase));
            if (!heads.TryGetValue(head.Address, out var known) || (!HasCode(known) && HasCode(words)))
            {
                heads[head.Address] = words;
            }
        }

        if (heads.Count > 0)
        {
            return heads.Select(head => ((string?)head.Key, (string?)head.Value)).ToList();
        }

        return Within(lines, ours) is { } found ? [found] : [];
    }

    // No line begins with an address: the first one near a code, else the first at all.
    private static (string? Address, string? Words)? Within(string[] lines, HashSet<string> ours)
    {
        (string?, string?)? first = null;
        var left = MaxGuesses;
        for (var index = 0; index < lines.Length; index++)
        {
            foreach (Match match in Address().Matches(lines[index]))
            {
                var address = Trimmed(match.Value);
                if (IsOurs(address, ours))
                {
                    continue;
                }

                if (left-- == 0)
                {
                    return first;
                }

                var words = string.Join('\n', lines.Skip(index - 2).Take(index < 2 ? index + 5 : 7));
                if (HasCode(words))
                {
                    return (address, words);
                }

                first ??= (address, words);
            }
        }

        return first;
    }

    private static (string Address, string After)? Head(string line, HashSet<string> ours)
    {
        if (line.Length > MailLimits.Line || !line.Contains('@') || Address().Match(line) is not { Success: true } match)
        {
            return null;
        }

        var before = line[..match.Index].Trim(' ', '\t', '>', '<', '*', '-', '\u2022', '\u2013', '"', '\'', '(', '[', ':', ';', '.').ToLowerInvariant();
        var address = Trimmed(match.Value);
        return (before.Length == 0 || s_beforeAddress.Contains(before)) && !IsOurs(address, ours)
            ? (address, line[(match.Index + match.Length)..].TrimStart('>', ')', ']', '"', '\'', ':', ',', '.', ' ', '\t'))
            : null;
    }

    private static string Paragraph(string[] lines, int index, string rest, Func<string, bool> isNext)
    {
        var words = new List<string> { rest };
        for (var at = index + 1; at < lines.Length && words.Count <= MaxLines && !isNext(lines[at]); at++)
        {
            if (!string.IsNullOrWhiteSpace(lines[at]))
            {
                words.Add(lines[at]);
            }
            else if (words.Count > 1 || HasCode(rest))
            {
                break;
            }
        }

        return string.Join('\n', words);
    }

    private static HashSet<string> Ours(MimeHeaders headers, ReturnedMessage? returned)
    {
        var ours = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        ours.UnionWith(s_ourFields.SelectMany(headers.All).SelectMany(Mailbox.Parse).Select(mailbox => mailbox.Address));
        if (returned?.From is { } sender)
        {
            ours.Add(sender);
        }

        return ours;
    }

    private static bool IsOurs(string address, HashSet<string> ours) => ours.Contains(address) || VerpAddress.TryParse(address, out _) || Staff().IsMatch(address);

    private static bool HasCode(string text) => BounceClass.StatusOf(null, text) is not null || BounceClass.CodeIn(text) is not null;

    private static string Trimmed(string address) => address.Trim('\'', '`', '.', '=', '*');

    [GeneratedRegex(@"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    // Whom to ask for help is not whom the mail was for.
    [GeneratedRegex("^(?:mailer-daemon|postmaster|abuse|support|helpdesk|hostmaster|noreply|no-reply)@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Staff();

    [GeneratedRegex(@"^\s{0,8}[-=*_]{2,}.{0,40}\b(copy of|original message|unsent|returned message|below (this|the next) line|message (header|text)s? follow)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CopyFollows();

    [GeneratedRegex(
        @"warning[ :]|\bdelay(ed)?\b|will (be retried|keep trying|continue trying|try again|retry)|still (being (retried|tried)|trying|in the queue)|not yet (been )?delivered|delivery attempts will|no action is required",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Delay();

    // "Eventually we will give up" stands in warnings too, so only what has happened counts.
    [GeneratedRegex(
        @"permanent|giving up|gave up|(ve|has|have) given up|will not (be retried|try again|retry)|no further attempts|\bexpired|(?<!non-)fatal|(has|have|delivery) failed|failed permanently",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex GivenUp();
}
