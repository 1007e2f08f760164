using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>What a content will become, for somebody who is still writing it.</summary>
/// <param name="Html">Merge fields filled with examples, links as written.</param>
/// <param name="Fields">Names of the merge fields in subject, preheader, HTML and text, in order of appearance.</param>
/// <param name="Error">Why the HTML cannot be used, or "".</param>
internal sealed record ContentReading(
    string FromName, string Subject, string Preheader, string Html, IReadOnlyList<TemplateLink> Links, IReadOnlyList<UntrackedLink> Untracked, IReadOnlyList<string> Fields, string Error)
{
    public static ContentReading Nothing { get; } = new("", "", "", "", [], [], [], "");

    /// <param name="levels">The chosen level of each factor, by field.</param>
    public static ContentReading Of(CampaignForm form, IReadOnlyDictionary<string, LevelForm> levels, CampaignContents contents)
    {
        var (subject, preheader, html) = (Value("subject"), Value("preheader"), Value("html"));
        var fields = MailExample.FieldsOf(subject, preheader, html, form.Text);
        var values = MailExample.Values(fields);
        var template = contents.TryRead(html, preheader, out var error);
        return new ContentReading(
            Value("from_name"),
            TextTemplate.Compile(subject).RenderLine(values),
            TextTemplate.Compile(preheader).RenderLine(values),
            template?.Render(new MailValues(ClickUrl: null, OpenUrl: null, UnsubscribeUrl: "about:blank", values)) ?? "",
            template?.Links ?? [],
            template?.Untracked ?? [],
            fields,
            error);

        string Value(string field) => levels.TryGetValue(field, out var level) ? level.Value : form.Value(field);
    }
}
