using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>What a content will become, for somebody who is still writing it.</summary>
/// <param name="Html">Merge fields filled with a contact's data or examples, links as written.</param>
/// <param name="Fields">The merge fields in subject, preheader, HTML and text, in order of appearance.</param>
/// <param name="Errors">Sentences: what cannot be used, and why.</param>
internal sealed record ContentReading(
    string FromName, string Subject, string Preheader, string Html, IReadOnlyList<TemplateLink> Links, IReadOnlyList<UntrackedLink> Untracked, IReadOnlyList<MergeFieldUse> Fields,
    IReadOnlyList<string> Errors)
{
    public static ContentReading Nothing { get; } = new("", "", "", "", [], [], [], []);

    /// <param name="levels">The chosen level of each factor, by field.</param>
    /// <param name="contact">Whose data fills the merge fields; null for examples.</param>
    public static ContentReading Of(CampaignForm form, IReadOnlyDictionary<string, LevelForm> levels, CampaignContents contents, PreviewContact? contact)
    {
        var (subject, preheader, html) = (Value("subject"), Value("preheader"), Value("html"));
        var fields = MailExample.UsesOf(subject, preheader, html, form.Text);
        var values = new MailValues(ClickUrl: null, OpenUrl: null, UnsubscribeUrl: "about:blank", contact?.Values ?? MailExample.Values(fields.Select(use => use.Name)))
        {
            FillsAll = form.Delivery == CampaignDelivery.Smtp,
        };
        var (subjectLine, preheaderLine) = (TextTemplate.Compile(subject), TextTemplate.Compile(preheader));
        var template = contents.TryRead(html, preheader, out var error);
        return new ContentReading(
            Value("from_name"),
            subjectLine.RenderLine(values),
            preheaderLine.RenderLine(values),
            template?.Render(values) ?? "",
            template?.Links ?? [],
            template?.Untracked ?? [],
            fields,
            [.. Sentences(("subject", subjectLine.Fault), ("preheader", preheaderLine.Fault), ("HTML", error), ("plain text", TextTemplate.Compile(form.Text).Fault))]);

        string Value(string field) => levels.TryGetValue(field, out var level) ? level.Value : form.Value(field);
    }

    private static IEnumerable<string> Sentences(params IEnumerable<(string Field, string? Error)> read) =>
        read.Where(field => !string.IsNullOrEmpty(field.Error)).Select(field => $"The {field.Field} {field.Error}.");
}
