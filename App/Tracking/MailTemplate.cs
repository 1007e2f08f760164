namespace ScoreTracking.Tracking;

/// <summary>What is done to a content.</summary>
/// <param name="OwnHosts">Hosts our own tracking paths are reached at, with or without port: links to those paths are refused.</param>
public sealed record RewriteOptions(bool TrackOpens, bool TrackClicks, IReadOnlyList<string> OwnHosts);

/// <summary>A tracked link of a content.</summary>
/// <param name="Position">From 1, in document order.</param>
/// <param name="Url">Canonical ASCII http(s) URL; may carry merge fields and conditions behind the host, see <see cref="Destination.Fill"/>.</param>
/// <param name="Label">The text a reader sees, else the image's alternative text, else the link's title; up to 200 characters.</param>
public sealed record TemplateLink(int Position, string Url, string Label);

/// <summary>Why a link stays as it was written.</summary>
public enum LinkLeftAlone
{
    /// <summary>It is the recipient's unsubscribe link.</summary>
    Unsubscribe,

    /// <summary>It carries a token that another mail tool fills in.</summary>
    OtherTool,

    /// <summary>Its tag says <c>data-st-notrack</c>.</summary>
    Marked,

    /// <summary>mailto, tel, an anchor, a relative address: nothing we could lead to.</summary>
    NotWeb,
}

/// <summary>A link of a content that is not tracked.</summary>
/// <param name="Url">As written, entities decoded.</param>
public sealed record UntrackedLink(string Url, LinkLeftAlone Reason);

/// <summary>What differs from one recipient to the next.</summary>
/// <param name="ClickUrl">The tracked address of a link position; null leaves every link as written, its fields filled.</param>
/// <param name="OpenUrl">The pixel's address; null writes no pixel.</param>
/// <param name="UnsubscribeUrl">Fills <c>{{unsubscribe_url}}</c>; null leaves it to <paramref name="Fields"/>, else as written.</param>
/// <param name="Fields">Values of merge fields. A field without a value here, and without a default, stays as written: the sender's own tool may fill it.</param>
public sealed record MailValues(Func<int, string>? ClickUrl, string? OpenUrl, string? UnsubscribeUrl, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>The address of a link no reader sees, which only machines fetch; null writes none.</summary>
    public string? HoneypotUrl { get; init; }

    /// <summary>Nobody fills anything after us: a field without a value becomes empty.</summary>
    public bool FillsAll { get; init; }

    /// <summary>Line breaks and other control characters in values become a space.</summary>
    internal bool OneLine { get; init; }

    internal string? ValueOf(string field) =>
        field == MergeField.UnsubscribeUrl && UnsubscribeUrl is not null ? UnsubscribeUrl : Fields.GetValueOrDefault(field);
}

/// <summary>The content cannot be used; the message says why and can be shown beside the field.</summary>
public sealed class MailTemplateException(string message) : Exception(message);

/// <summary>
/// A newsletter's HTML, read once and rendered for each recipient by joining its parts. Only the addresses of tracked links
/// change, the pixel and the preheader are added, merge fields are filled; every other byte stays as it was.
/// <list type="bullet">
/// <item>Tracked: http(s) in the href of <c>a</c>, <c>area</c> and VML shapes (<c>v:roundrect</c> …). VML buttons live in
/// comments for Outlook, <c>&lt;!--[if mso]&gt; … &lt;![endif]--&gt;</c>, whose content is treated like the rest: it is what
/// Outlook's readers click. Other comments, script and style are left alone.</item>
/// <item>Left alone: other schemes, relative addresses, other tools' tokens, tags with <c>data-st-notrack</c>, unsubscribe links.</item>
/// <item>Values are escaped for the place they stand in and never read again for further fields.</item>
/// <item>A condition is read where it begins and ends in the same place: text, or one attribute's value.</item>
/// </list>
/// </summary>
public sealed class MailTemplate
{
    private readonly MailPart[] _parts;
    private readonly Func<MailPart[]> _readWords;
    private MailPart[]? _words;
    private int _lastLength;

    /// <param name="readWords">Reads the HTML once more, where its words are asked for: mostly nobody does.</param>
    internal MailTemplate(MailPart[] parts, IReadOnlyList<TemplateLink> links, IReadOnlyList<UntrackedLink> untracked, int length, Func<MailPart[]> readWords)
    {
        _parts = parts;
        _readWords = readWords;
        MailPart.Number(parts);
        Links = links;
        Untracked = untracked;
        _lastLength = length + 512;
    }

    public IReadOnlyList<TemplateLink> Links { get; }

    /// <summary>In document order. Without click tracking it holds those that would not be tracked either.</summary>
    public IReadOnlyList<UntrackedLink> Untracked { get; }

    /// <summary>How the HTML uses our merge language wrongly, to be read behind the name of its field; null where it does not. Its conditions and
    /// faulty tags then stay as written, since what was accepted before we knew of conditions must still be sent.</summary>
    public string? Fault { get; private init; }

    /// <summary>Reads the HTML in one pass, in time linear to its length, however broken it is.</summary>
    /// <param name="preheader">Text a mailbox shows beside the subject, with merge fields; empty adds none.</param>
    /// <exception cref="MailTemplateException">A link leads to our own tracking paths, or there are more than 65,535 links.</exception>
    public static MailTemplate Compile(string html, RewriteOptions options, string preheader = "")
    {
        try
        {
            return new MailCompiler(html, options, fieldsOnly: false).Compile(preheader);
        }
        catch (MergeFaultException fault)
        {
            var template = new MailCompiler(html, options, fieldsOnly: true).Compile(preheader);
            return new MailTemplate(template._parts, template.Links, template.Untracked, html.Length, template._readWords) { Fault = fault.In(html) };
        }
    }

    /// <summary>
    /// The same for a reader without HTML: its words in lines of at most 76 characters, lists and quotations as people write them, a link as
    /// "words (address)", tracked where it is in the HTML. Left out is what no reader sees: head, styles, scripts, comments, hidden elements.
    /// Empty for HTML without words. Safe to call from several threads.
    /// </summary>
    public string RenderText(MailValues values)
    {
        _words ??= _readWords();
        using var words = new CharBuffer(_lastLength);
        MailPart.WriteAll(_words, words, values);
        using var output = new CharBuffer(words.Length);
        new PlainTextLayout(output).Write(words.Written);
        return output.ToString();
    }

    /// <summary>The HTML for one recipient. Safe to call from several threads.</summary>
    public string Render(MailValues values)
    {
        using var output = new CharBuffer(_lastLength);
        MailPart.WriteAll(_parts, output, values);

        // Recipients of one content differ little: the next buffer has the right size at once.
        _lastLength = output.Length + 256;
        return output.ToString();
    }
}
