namespace ScoreTracking.Tracking;

/// <summary>A piece of a rendered content.</summary>
internal abstract class MailPart
{
    public abstract void Write(CharBuffer output, MailValues values);
}

/// <summary>Source text, byte for byte.</summary>
internal sealed class LiteralPart(string source, int start, int end) : MailPart
{
    public LiteralPart(string text)
        : this(text, 0, text.Length)
    {
    }

    public override void Write(CharBuffer output, MailValues values) => output.Append(source.AsSpan(start, end - start));
}

/// <summary>How a merge field's value is written.</summary>
internal enum FieldSpelling
{
    /// <summary>As text.</summary>
    Text,

    /// <summary>At the beginning of a URL: a whole http(s) URL, or else percent-encoded, so that no value brings a scheme of its own.</summary>
    WholeUrl,

    /// <summary>Inside an http(s) or relative URL: percent-encoded.</summary>
    UrlPart,

    /// <summary>Inside mailto, tel or sms: percent-encoded but for "@" and "+", which some phones do not decode there.</summary>
    AddressPart,
}

/// <summary>A merge field, or the text <paramref name="written"/> where its value is unknown.</summary>
internal sealed class FieldPart(string name, string written, FieldSpelling spelling, HtmlPlace place) : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        if (name == MergeField.UnsubscribeUrl && values.UnsubscribeUrl is { } unsubscribeUrl)
        {
            // Our own address, so it may begin a URL as it is.
            HtmlText.Escape(output, spelling == FieldSpelling.WholeUrl ? unsubscribeUrl : Spell(unsubscribeUrl), place);
        }
        else if (values.Fields.TryGetValue(name, out var value))
        {
            HtmlText.Escape(output, Spell(value), place);
        }
        else
        {
            output.Append(written);
        }
    }

    private string Spell(string value) => spelling switch
    {
        FieldSpelling.Text => value,
        FieldSpelling.WholeUrl when Destination.TryCanonicalise(value, out var url, out _) => url,
        FieldSpelling.WholeUrl or FieldSpelling.UrlPart => Uri.EscapeDataString(value),
        FieldSpelling.AddressPart => Uri.EscapeDataString(value).Replace("%40", "@", StringComparison.Ordinal).Replace("%2B", "+", StringComparison.Ordinal),
        _ => value,
    };
}

/// <summary>The address of a tracked link; without tracking, as it was written.</summary>
internal sealed class LinkPart(int position, HtmlPlace place, IReadOnlyList<MailPart> untracked) : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        if (values.ClickUrl is { } clickUrl)
        {
            HtmlText.Escape(output, clickUrl(position), place);
            return;
        }

        foreach (var part in untracked)
        {
            part.Write(output, values);
        }
    }
}

/// <summary>An attribute value without quotes: an empty one would take the next attribute for its value, so it gets quotes.</summary>
internal sealed class UnquotedPart(IReadOnlyList<MailPart> parts) : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        var before = output.Length;
        foreach (var part in parts)
        {
            part.Write(output, values);
        }

        if (output.Length == before)
        {
            output.Append("\"\"");
        }
    }
}

/// <summary>The image whose loading is an open. No display:none: some mail clients skip hidden images.</summary>
internal sealed class PixelPart : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        if (values.OpenUrl is { } url)
        {
            output.Append("<img src=\"");
            HtmlText.Escape(output, url, HtmlPlace.Ordinary);
            output.Append("\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0;width:1px;height:1px\">");
        }
    }
}

/// <summary>A link for machines: nobody sees it, hears it read out or reaches it by keyboard.</summary>
internal sealed class HoneypotPart : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        if (values.HoneypotUrl is { } url)
        {
            output.Append("<a href=\"");
            HtmlText.Escape(output, url, HtmlPlace.Ordinary);
            output.Append("\" style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\"></a>");
        }
    }
}
