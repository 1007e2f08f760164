using System.Globalization;
using ScoreTracking.Data;
using ScoreTracking.Domains;

namespace ScoreTracking.Campaigns;

/// <summary>What there is to check of a campaign.</summary>
/// <param name="Ours">Whether this server hands it off; else the CRM does.</param>
/// <param name="Subjects">Every one of a test; others likewise.</param>
/// <param name="Domain">The sending domain its From belongs to; null where there is none.</param>
/// <param name="TrackingBase">Where links in mail point.</param>
internal sealed record CheckedMail(
    bool Ours, string FromEmail, IReadOnlyList<string> FromNames, string? ReplyTo, IReadOnlyList<string> Subjects, IReadOnlyList<string> Preheaders,
    IReadOnlyList<CheckedHtml> Htmls, string Text, DomainAnswer? Domain, string TrackingBase)
{
    /// <summary>Merge fields without default, and how many recipients have no value for each; empty where there are no recipients.</summary>
    public IReadOnlyList<MissingField> Fields { get; init; } = [];
}

/// <summary>What there is to say of a mail before it goes out.</summary>
internal static class SendCheckRules
{
    /// <summary>Behind so many bytes of HTML Gmail cuts a mail off, pixel and unsubscribe link with it.</summary>
    private const long GmailCut = 102 * 1024;

    /// <summary>What more than a few servers refuse.</summary>
    private const long TooLarge = 10 * 1024 * 1024;
    private const int LongSubject = 78;
    private const int FewLetters = 100;
    private const int Shown = 3;

    public static IEnumerable<SendFinding> Run(CheckedMail mail) =>
        [Size(mail), Subject(mail), Preheader(mail), From(mail), .. Sender(mail), ReplyTo(mail), Text(mail), .. Links(mail), .. Images(mail), Unsubscribe(mail), ListUnsubscribe(mail), .. Tokens(mail), .. Fields(mail)];

    private static SendFinding Size(CheckedMail mail)
    {
        var bytes = mail.Htmls.Select(html => html.Bytes).DefaultIfEmpty(System.Text.Encoding.UTF8.GetByteCount(mail.Text)).Max();
        var words = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(bytes / 1024.0, 0.1):0.#} KB");
        return bytes switch
        {
            > TooLarge => new("size", Verdicts.Bad, $"The mail has {words}. Many servers refuse more than 10 MB."),
            > GmailCut => new("size", Verdicts.Warning, $"The HTML has {words}. Gmail cuts it off behind 102 KB, and with the rest go the unsubscribe link and the pixel. Leave out comments, styles that are not used, and text."),
            _ => new("size", Verdicts.Good, $"The mail has {words}; Gmail shows up to 102 KB."),
        };
    }

    private static SendFinding Subject(CheckedMail mail)
    {
        if (mail.Subjects.Any(string.IsNullOrWhiteSpace))
        {
            return new("subject", Verdicts.Bad, mail.Subjects.Count > 1 ? "One of the subjects is empty." : "There is no subject.");
        }

        if (mail.Subjects.FirstOrDefault(subject => subject.Count(char.IsLetter) > 5 && !subject.Any(char.IsLower) && subject.Any(char.IsUpper)) is { } loud)
        {
            return new("subject", Verdicts.Warning, $"“{loud}” is all capitals, as spam filters expect it of spam.");
        }

        return mail.Subjects.MaxBy(subject => subject.Length) is { Length: > LongSubject } longest
            ? new("subject", Verdicts.Warning, $"The subject has {longest.Length} characters. Mailboxes show the first 40 to 70.")
            : new("subject", Verdicts.Good, "The subject is there, and short enough to be shown.");
    }

    private static SendFinding Preheader(CheckedMail mail) => mail.Htmls.Count > 0 && mail.Preheaders.Any(string.IsNullOrWhiteSpace)
        ? new("preheader", Verdicts.Warning, "There is no preheader: mailboxes show the first words of the mail beside the subject, often “View in browser”.")
        : new("preheader", Verdicts.Good, "What mailboxes show beside the subject is written.");

    private static SendFinding From(CheckedMail mail) => mail.FromNames.Any(string.IsNullOrWhiteSpace)
        ? new("from", Verdicts.Warning, "There is no sender’s name: mailboxes show the address alone.")
        : new("from", Verdicts.Good, "The sender has a name.");

    private static List<SendFinding> Sender(CheckedMail mail)
    {
        var provider = MailboxProvider.Of(mail.FromEmail);
        if (provider != MailboxProvider.Other)
        {
            return [new("sender", Verdicts.Bad, $"The mail says it is from an address at {provider.Name}, which asks others to refuse such mail unless it comes from its own servers. Send from a domain of yours.")];
        }

        if (mail.Domain is not { } domain)
        {
            return mail.Ours
                ? [new("sender", Verdicts.Warning, $"{DomainName.Of(mail.FromEmail)} is not among the sending domains: its mail is not signed here. Unless your mail server signs it, Gmail and Yahoo put it with the spam, or refuse it.")]
                : [new("sender", Verdicts.Unknown, "Your CRM sends and signs it. Add its domain to the sending domains to have SPF and DMARC checked here.")];
        }

        if (domain.CheckedAt is null)
        {
            return [new("sender", Verdicts.Unknown, $"DNS was never asked about {domain.Domain}. Press “Check now” on its page.")];
        }

        var signs = domain.Keys.Any(key => key.Status == DkimKeyStatus.Signing);
        var found = domain.Findings
            .Where(finding => finding.Verdict != Verdicts.Good && (mail.Ours || finding.Check != "dkim"))
            .Select(finding => new SendFinding("sender", finding.Verdict, finding.Text))
            .ToList();
        return found.Count > 0 ? found : [new("sender", Verdicts.Good, signs ? $"{domain.Domain} is signed, and its records are as receivers ask for." : $"The records of {domain.Domain} are as receivers ask for.")];
    }

    private static SendFinding ReplyTo(CheckedMail mail)
    {
        var address = mail.ReplyTo ?? mail.FromEmail;
        return address.StartsWith("noreply", StringComparison.OrdinalIgnoreCase) || address.StartsWith("no-reply", StringComparison.OrdinalIgnoreCase) || address.StartsWith("donotreply", StringComparison.OrdinalIgnoreCase)
            ? new("reply_to", Verdicts.Warning, "Answers go to an address that nobody reads by its name. People who cannot answer press “spam” instead.")
            : new("reply_to", Verdicts.Good, "Answers go to an address people may write to.");
    }

    private static SendFinding Text(CheckedMail mail) => mail switch
    {
        { Text.Length: > 0 } => new("text", Verdicts.Good, "A plain text is written."),
        { Htmls.Count: 0 } => new("text", Verdicts.Bad, "There is nothing to send: neither HTML nor text."),
        { Ours: true } when mail.Htmls.Any(html => html.Letters == 0) => new("text", Verdicts.Warning, "There is no plain text, and the HTML has no words to make one from."),
        { Ours: true } => new("text", Verdicts.Good, "The plain text is made from the HTML."),
        _ => new("text", Verdicts.Warning, "There is no plain text beside the HTML. Filters expect one, and some readers see nothing else."),
    };

    private static IEnumerable<SendFinding> Links(CheckedMail mail)
    {
        var (empty, local, insecure) = (mail.Htmls.Sum(html => html.EmptyLinks), Distinct(mail, html => html.LocalLinks), Distinct(mail, html => html.InsecureLinks));
        if (local.Count > 0)
        {
            yield return new("links", Verdicts.Bad, $"{Count(local.Count, "link leads", "links lead")} to a machine that readers cannot reach: {Some(local)}.");
        }

        if (empty > 0)
        {
            yield return new("links", Verdicts.Warning, $"{Count(empty, "link leads", "links lead")} nowhere: the address is empty or “#”.");
        }

        if (insecure.Count > 0)
        {
            yield return new("links", Verdicts.Warning, $"{Count(insecure.Count, "link is", "links are")} http, which browsers warn of: {Some(insecure)}.");
        }

        if (empty + local.Count + insecure.Count == 0)
        {
            yield return new("links", Verdicts.Good, "The links look fine. None was opened: whether the pages behind them exist is yours to see.");
        }
    }

    private static IEnumerable<SendFinding> Images(CheckedMail mail)
    {
        var (alt, inline, relative) = (mail.Htmls.Sum(html => html.ImagesWithoutAlt), mail.Htmls.Sum(html => html.InlineImages), mail.Htmls.Sum(html => html.RelativeImages));
        if (relative > 0)
        {
            yield return new("images", Verdicts.Bad, $"{Count(relative, "image has", "images have")} no full address and will not be shown.");
        }

        if (inline > 0)
        {
            yield return new("images", Verdicts.Warning, $"{Count(inline, "image lies", "images lie")} inside the HTML (data:), which Gmail and Outlook do not show. Put them on a web server.");
        }

        if (alt > 0)
        {
            yield return new("images", Verdicts.Warning, $"{Count(alt, "image has", "images have")} no alternative text: readers without images see nothing there.");
        }

        if (mail.Htmls.Any(html => html.Images > 0 && html.Letters < FewLetters))
        {
            yield return new("images", Verdicts.Warning, "The mail is almost nothing but images, as much spam is. Write the most important words as text.");
        }
        else if (relative + inline + alt == 0 && mail.Htmls.Any(html => html.Images > 0))
        {
            yield return new("images", Verdicts.Good, "Every image has an address and an alternative text.");
        }
    }

    private static SendFinding Unsubscribe(CheckedMail mail)
    {
        var inText = mail.Text.Contains("unsubscribe_url", StringComparison.Ordinal);
        return mail.Htmls.All(html => html.HasUnsubscribe) && (mail.Htmls.Count > 0 || inText)
            ? new("unsubscribe", Verdicts.Good, "There is an unsubscribe link in the mail.")
            : new("unsubscribe", Verdicts.Bad, "There is no unsubscribe link in the mail. Gmail, Yahoo and the law of most countries ask for one that is seen: link a word to {{unsubscribe_url}}.");
    }

    private static SendFinding ListUnsubscribe(CheckedMail mail) => mail.TrackingBase.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
        ? new("list_unsubscribe", Verdicts.Good, "Mailboxes get the address their own unsubscribe button uses (List-Unsubscribe, with one click).")
        : new("list_unsubscribe", Verdicts.Bad, "Unsubscribing with one click needs https, and this server’s links in mail are http. Gmail and Yahoo ask for it: put it behind https and set PublicUrl or TrackingUrl.");

    private static IEnumerable<SendFinding> Tokens(CheckedMail mail) => mail.Ours && Distinct(mail, html => html.ForeignLinks) is { Count: > 0 } foreign
        ? [new("tokens", Verdicts.Bad, $"{Count(foreign.Count, "link carries a token", "links carry tokens")} another mail tool would fill in; nobody does here: {Some(foreign)}.")]
        : [];

    private static IEnumerable<SendFinding> Fields(CheckedMail mail)
    {
        foreach (var field in mail.Fields.Where(field => field.Missing > 0))
        {
            var whom = field.IsAll ? $"Of {Count(field.Recipients, "recipient", "recipients")}" : $"Of the first {Number(field.Recipients)} recipients";
            var read = mail.Ours ? "they will read nothing in its place" : "they will read it as it is written, unless your CRM fills it";
            yield return new("fields", Verdicts.Warning, $"{whom} {Number(field.Missing)} {(field.Missing == 1 ? "has" : "have")} no {field.Name}: {read}. A default helps: {{{{{field.Name}|default:\"…\"}}}}.");
        }

        if (mail.Fields.Count > 0 && mail.Fields.All(field => field.Missing == 0))
        {
            yield return new("fields", Verdicts.Good, "Every recipient has a value for each merge field without a default.");
        }
    }

    private static List<string> Distinct(CheckedMail mail, Func<CheckedHtml, IEnumerable<string>> of) => [.. mail.Htmls.SelectMany(of).Distinct(StringComparer.Ordinal)];

    private static string Count(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Some(List<string> links) =>
        string.Join(", ", links.Take(Shown).Select(link => link.Length > 100 ? link[..100] + "…" : link)) + (links.Count > Shown ? " …" : "");
}
