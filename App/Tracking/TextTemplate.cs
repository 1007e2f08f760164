namespace ScoreTracking.Tracking;

/// <summary>A subject, preheader or plain-text body with merge fields: compiled once, rendered for each recipient. Nothing is escaped, links stay as written.</summary>
public sealed class TextTemplate
{
    private readonly string _text;
    private readonly IReadOnlyList<MailPart> _parts;

    private TextTemplate(string text, IReadOnlyList<MailPart> parts, string? fault)
    {
        _text = text;
        _parts = parts;
        Fault = fault;
    }

    /// <summary>How the text uses our merge language wrongly, to be read behind the name of its field; null where it does not. Its conditions and
    /// faulty tags then stay as written.</summary>
    public string? Fault { get; }

    public static TextTemplate Compile(string text)
    {
        try
        {
            return new TextTemplate(text, Parts(text, fieldsOnly: false), null);
        }
        catch (MergeFaultException fault)
        {
            return new TextTemplate(text, Parts(text, fieldsOnly: true), fault.In(text));
        }
    }

    /// <summary>A body: values as they are; a field without a value or default stays as written.</summary>
    /// <param name="unsubscribeUrl">Fills <c>{{unsubscribe_url}}</c>; null leaves it to <paramref name="fields"/>.</param>
    public string Render(IReadOnlyDictionary<string, string> fields, string? unsubscribeUrl) => Render(new MailValues(null, null, unsubscribeUrl, fields));

    /// <summary>A body: values as they are.</summary>
    public string Render(MailValues values)
    {
        if (_parts is [] or [LiteralPart])
        {
            return _text;
        }

        using var output = new CharBuffer(_text.Length + 256);
        MailPart.WriteAll(_parts, output, values);
        return output.ToString();
    }

    /// <summary>A header such as the subject: line breaks and other control characters in values become a space, or a value could add headers of its own.</summary>
    public string RenderLine(IReadOnlyDictionary<string, string> fields) => RenderLine(new MailValues(null, null, null, fields));

    /// <summary>A header such as the subject. The unsubscribe address is not known in one.</summary>
    public string RenderLine(MailValues values) => Render(values with { OneLine = true, UnsubscribeUrl = null });

    private static List<MailPart> Parts(string text, bool fieldsOnly) => MergeParts.Read(
        text, 0, text.Length, html: false, fieldsOnly,
        (start, end) => new LiteralPart(text, start, end),
        field => new FieldPart(field, text[field.Start..field.End], FieldSpelling.Text, place: null));
}
