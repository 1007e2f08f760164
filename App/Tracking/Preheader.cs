namespace ScoreTracking.Tracking;

/// <summary>The line a mailbox shows beside the subject, taken from the beginning of the body and hidden in the opened message.</summary>
internal static class Preheader
{
    private const string Hidden = "<div style=\"display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all\">";

    // Invisible characters fill the rest of the line, or mailboxes would go on with the first words of the body.
    private static readonly string Filler = string.Concat(Enumerable.Repeat("&#847;&zwnj;&nbsp;", 50));

    /// <summary>The parts to insert. A preheader that uses our merge language wrongly keeps its conditions as written: what is wrong with the HTML is not told here.</summary>
    public static List<MailPart> Parts(string text)
    {
        text = text.Trim();
        try
        {
            return Parts(text, fieldsOnly: false);
        }
        catch (MergeFaultException)
        {
            return Parts(text, fieldsOnly: true);
        }
    }

    private static List<MailPart> Parts(string text, bool fieldsOnly) =>
    [
        new LiteralPart(Hidden),
        .. MergeParts.Read(
            text, 0, text.Length, html: false, fieldsOnly,
            (start, end) => new LiteralPart(Escape(text[start..end])),
            field => new FieldPart(field, text[field.Start..field.End], FieldSpelling.Text, HtmlPlace.Ordinary)),
        new LiteralPart(Filler + "</div>"),
    ];

    // The sender's own words: braces stay, since they may be another tool's tokens.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
