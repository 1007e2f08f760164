namespace ScoreTracking.Tracking;

/// <summary>The line a mailbox shows beside the subject, taken from the beginning of the body and hidden in the opened message.</summary>
internal static class Preheader
{
    private const string Hidden = "<div style=\"display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all\">";

    // Invisible characters fill the rest of the line, or mailboxes would go on with the first words of the body.
    private static readonly string Filler = string.Concat(Enumerable.Repeat("&#847;&zwnj;&nbsp;", 50));

    public static List<MailPart> Parts(string text)
    {
        text = text.Trim();
        var parts = new List<MailPart> { new LiteralPart(Hidden) };
        var from = 0;
        while (MergeField.TryFind(text, from, text.Length, out var field))
        {
            parts.Add(new LiteralPart(Escape(text[from..field.Start])));
            parts.Add(new FieldPart(field.Name, text[field.Start..field.End], FieldSpelling.Text, HtmlPlace.Ordinary));
            from = field.End;
        }

        parts.Add(new LiteralPart(Escape(text[from..])));
        parts.Add(new LiteralPart(Filler + "</div>"));
        return parts;
    }

    // The sender's own words: braces stay, since they may be another tool's tokens.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);
}
