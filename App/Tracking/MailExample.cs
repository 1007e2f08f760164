namespace ScoreTracking.Tracking;

/// <summary>A content as one recipient might see it: merge fields say something likely. For people who look at it, never for sending.</summary>
public static class MailExample
{
    /// <summary>Names of the merge fields in these texts, in order of appearance, each once.</summary>
    public static IReadOnlyList<string> FieldsOf(params IEnumerable<string> texts)
    {
        var fields = new List<string>();
        foreach (var text in texts)
        {
            for (var from = 0; MergeField.TryFind(text, from, text.Length, out var field); from = field.End)
            {
                if (field.Name != MergeField.UnsubscribeUrl && !fields.Contains(field.Name))
                {
                    fields.Add(field.Name);
                }
            }
        }

        return fields;
    }

    /// <summary>What these merge fields might say.</summary>
    public static IReadOnlyDictionary<string, string> Values(IEnumerable<string> fields) => fields.ToDictionary(name => name, Value, StringComparer.Ordinal);

    /// <summary>What a merge field might say.</summary>
    public static string Value(string name) => name.ToLowerInvariant().Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal) switch
    {
        "firstname" or "fname" => "Ana",
        "lastname" or "lname" => "Silva",
        "name" or "fullname" => "Ana Silva",
        "email" => "ana@example.com",
        "customerid" => "42",
        "company" => "Acme",
        "city" => "Lisbon",
        "country" => "Portugal",
        _ => $"[{name}]",
    };

    /// <summary>The HTML with each tracked link leading to <c>#st-</c> and its position, by which it is found in a browser.</summary>
    /// <exception cref="MailTemplateException">There are more links than can be tracked.</exception>
    public static string WithNumberedLinks(string html)
    {
        // No hosts of our own: what was refused then would not be here, and our address may have changed since.
        var template = MailTemplate.Compile(html, new RewriteOptions(TrackOpens: false, TrackClicks: true, OwnHosts: []));
        return template.Render(new MailValues(position => $"#st-{position}", OpenUrl: null, UnsubscribeUrl: "about:blank", Values(FieldsOf(html))));
    }
}
