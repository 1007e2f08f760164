namespace ScoreTracking.Tracking;

/// <summary>A merge field as texts use it.</summary>
/// <param name="IsNeeded">Somewhere it has no default and no condition on it around: whoever lacks it gets a gap there, or the tag as written.</param>
public sealed record MergeFieldUse(string Name, bool IsNeeded);

/// <summary>A content as one recipient might see it: merge fields say something likely. For people who look at it, never for sending.</summary>
public static class MailExample
{
    /// <summary>Names of the merge fields in these texts, in order of appearance, each once; those that only decide a condition too.</summary>
    public static IReadOnlyList<string> FieldsOf(params IEnumerable<string> texts) => [.. UsesOf(texts).Select(use => use.Name)];

    /// <summary>The merge fields in these texts, in order of appearance, each once.</summary>
    public static IReadOnlyList<MergeFieldUse> UsesOf(params IEnumerable<string> texts)
    {
        var uses = new List<MergeFieldUse>();
        foreach (var text in texts)
        {
            var conditions = new Stack<string>();
            for (var from = 0; MergeTag.TryFind(text, from, text.Length, html: true, out var tag); from = tag.End)
            {
                if (tag.Kind == MergeTagKind.EndIf)
                {
                    _ = conditions.TryPop(out _);
                }
                else if (tag.Kind == MergeTagKind.If)
                {
                    conditions.Push(tag.Name);
                }

                if (tag is not { Kind: MergeTagKind.Field or MergeTagKind.If, Name: not MergeField.UnsubscribeUrl })
                {
                    continue;
                }

                var needed = tag.Kind == MergeTagKind.Field && tag.Default is null && !conditions.Contains(tag.Name);
                var at = uses.FindIndex(use => use.Name == tag.Name);
                if (at < 0)
                {
                    uses.Add(new MergeFieldUse(tag.Name, needed));
                }
                else if (needed)
                {
                    uses[at] = new MergeFieldUse(tag.Name, true);
                }
            }
        }

        return uses;
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
