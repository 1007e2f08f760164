namespace ScoreTracking.Tracking;

/// <summary>A piece of a rendered content.</summary>
internal abstract class MailPart
{
    /// <summary>Its place in the list it is written from.</summary>
    public int Index { get; private set; }

    public abstract void Write(CharBuffer output, MailValues values);

    /// <summary>The index of what is written behind it.</summary>
    public virtual int Next(MailValues values) => Index + 1;

    /// <summary>Tells each part its place: once, when the list is complete.</summary>
    public static void Number(IReadOnlyList<MailPart> parts)
    {
        for (var at = 0; at < parts.Count; at++)
        {
            parts[at].Index = at;
        }
    }

    public static void WriteAll(IReadOnlyList<MailPart> parts, CharBuffer output, MailValues values)
    {
        for (var at = 0; at < parts.Count; at = parts[at].Next(values))
        {
            parts[at].Write(output, values);
        }
    }
}

/// <summary>Where a condition begins. A part of one list never leads into another.</summary>
internal sealed class BranchPart(string name) : MailPart
{
    /// <summary>The else or the end, behind which it goes on where the condition does not hold.</summary>
    public MailPart? Otherwise { get; set; }

    public override void Write(CharBuffer output, MailValues values)
    {
    }

    public override int Next(MailValues values) => (MergeField.Holds(values.ValueOf(name)) ? Index : Otherwise!.Index) + 1;
}

/// <summary>Where the first branch of a condition ends and the second begins.</summary>
internal sealed class ElsePart : MailPart
{
    public MailPart? End { get; set; }

    public override void Write(CharBuffer output, MailValues values)
    {
    }

    public override int Next(MailValues values) => End!.Index + 1;
}

/// <summary>Where a condition ends.</summary>
internal sealed class EndPart : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
    }
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
/// <param name="place">Where in HTML; null outside of HTML, where nothing is escaped.</param>
internal sealed class FieldPart(MergeTag field, string written, FieldSpelling spelling, HtmlPlace? place) : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        var value = values.ValueOf(field.Name);
        if (field.Default is not null && string.IsNullOrWhiteSpace(value))
        {
            value = field.Default;
        }
        else if (field.Name == MergeField.UnsubscribeUrl && spelling == FieldSpelling.WholeUrl && values.UnsubscribeUrl is not null)
        {
            // Our own address, so it may begin a URL as it is.
            Escape(output, values.UnsubscribeUrl);
            return;
        }

        if (value is not null)
        {
            Escape(output, Spell(value, values));
        }
        else if (!values.FillsAll)
        {
            output.Append(written);
        }
    }

    private void Escape(CharBuffer output, string value)
    {
        if (place is { } known)
        {
            HtmlText.Escape(output, value, known);
        }
        else
        {
            output.Append(value);
        }
    }

    private string Spell(string value, MailValues values) => spelling switch
    {
        FieldSpelling.Text when values.OneLine => OneLine(value),
        FieldSpelling.Text => value,
        FieldSpelling.WholeUrl when Destination.TryCanonicalise(value, out var url, out _) => url,
        FieldSpelling.WholeUrl or FieldSpelling.UrlPart => Uri.EscapeDataString(value),
        FieldSpelling.AddressPart => Uri.EscapeDataString(value).Replace("%40", "@", StringComparison.Ordinal).Replace("%2B", "+", StringComparison.Ordinal),
        _ => value,
    };

    // A value with line breaks could add headers of its own.
    private static string OneLine(string value) =>
        string.Concat(value.Replace("\r\n", " ", StringComparison.Ordinal).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
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

        WriteAll(untracked, output, values);
    }
}

/// <summary>The value of an attribute.</summary>
/// <param name="mayBeEmpty">False without quotes: an empty value would take the next attribute for itself, so it gets quotes.</param>
internal sealed class ValuePart(IReadOnlyList<MailPart> parts, bool mayBeEmpty) : MailPart
{
    public override void Write(CharBuffer output, MailValues values)
    {
        var before = output.Length;
        WriteAll(parts, output, values);
        if (!mayBeEmpty && output.Length == before)
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
