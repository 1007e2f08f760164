namespace ScoreTracking.Tracking;

/// <summary>A subject, preheader or plain-text body with merge fields: compiled once, rendered for each recipient. Nothing is escaped, links stay as written.</summary>
public sealed class TextTemplate
{
    private readonly string _text;
    private readonly List<MergeField> _fields = [];

    private TextTemplate(string text) => _text = text;

    public static TextTemplate Compile(string text)
    {
        var template = new TextTemplate(text);
        for (var from = 0; MergeField.TryFind(text, from, text.Length, out var field); from = field.End)
        {
            template._fields.Add(field);
        }

        return template;
    }

    /// <summary>A body: values as they are; a field without a value stays as written.</summary>
    /// <param name="unsubscribeUrl">Fills <c>{{unsubscribe_url}}</c>; null leaves it to <paramref name="fields"/>.</param>
    public string Render(IReadOnlyDictionary<string, string> fields, string? unsubscribeUrl) => Render(fields, unsubscribeUrl, oneLine: false);

    /// <summary>A header such as the subject: line breaks and other control characters in values become a space, or a value could add headers of its own.</summary>
    public string RenderLine(IReadOnlyDictionary<string, string> fields) => Render(fields, unsubscribeUrl: null, oneLine: true);

    private string Render(IReadOnlyDictionary<string, string> fields, string? unsubscribeUrl, bool oneLine)
    {
        if (_fields.Count == 0)
        {
            return _text;
        }

        using var output = new CharBuffer(_text.Length + 256);
        var from = 0;
        foreach (var field in _fields)
        {
            output.Append(_text.AsSpan(from, field.Start - from));
            if (field.Name == MergeField.UnsubscribeUrl && unsubscribeUrl is not null)
            {
                output.Append(unsubscribeUrl);
            }
            else if (!fields.TryGetValue(field.Name, out var value))
            {
                output.Append(_text.AsSpan(field.Start, field.End - field.Start));
            }
            else
            {
                output.Append(oneLine ? OneLine(value) : value);
            }

            from = field.End;
        }

        output.Append(_text.AsSpan(from));
        return output.ToString();
    }

    private static string OneLine(string value) =>
        string.Concat(value.Replace("\r\n", " ", StringComparison.Ordinal).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));
}
