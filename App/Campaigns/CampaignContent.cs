using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>HTML with the ids of its links: what one level of the content looks like.</summary>
/// <param name="Key">Level key, "" without a test of the content.</param>
internal sealed record HtmlDocument(string Key, IReadOnlyList<TemplateLink> Links)
{
    /// <summary>Id of each link by position − 1; empty until numbered.</summary>
    public long[] LinkIds { get; set; } = [];
}

/// <summary>What recipients of one variant get.</summary>
/// <param name="VariantId">Null without a test.</param>
/// <param name="Html">Null without HTML.</param>
internal sealed record VariantContent(
    string? VariantId, TextTemplate Subject, string FromName, TextTemplate Preheader, MailTemplate? Html, HtmlDocument Document);

/// <summary>A campaign's contents, compiled.</summary>
internal sealed class CampaignContent
{
    private CampaignContent(Campaign campaign, VariantContent[] variants, IReadOnlyList<HtmlDocument> documents, long size)
    {
        Id = campaign.Id;
        FromEmail = campaign.FromEmail;
        ReplyTo = campaign.ReplyTo;
        TrackOpens = campaign.TrackOpens;
        TrackClicks = campaign.TrackClicks;
        Honeypot = campaign.Honeypot;
        FillsAll = campaign.Delivery == CampaignDelivery.Smtp;
        Topics = Data.Topics.Read(campaign.Topics);
        Text = TextTemplate.Compile(campaign.PlainText);
        HasText = campaign.PlainText.Length > 0;
        Variants = variants;
        Documents = documents;
        Size = size;
    }

    public long Id { get; }
    public string FromEmail { get; }
    public string? ReplyTo { get; }
    public bool TrackOpens { get; }
    public bool TrackClicks { get; }
    public bool Honeypot { get; }

    /// <summary>We hand it over ourselves, so nobody fills merge fields after us.</summary>
    public bool FillsAll { get; }
    public IReadOnlyList<string> Topics { get; }
    public TextTemplate Text { get; }
    public bool HasText { get; }

    /// <summary>By position.</summary>
    public VariantContent[] Variants { get; }

    /// <summary>Whether every variant has something to read: HTML or text.</summary>
    public bool HasBody => HasText || Array.TrueForAll(Variants, variant => variant.Html is not null);

    /// <summary>One per level of the content.</summary>
    public IReadOnlyList<HtmlDocument> Documents { get; }

    /// <summary>Bytes of source text behind it.</summary>
    public long Size { get; }

    /// <param name="variants">In order of their position.</param>
    public static CampaignContent Compile(Campaign campaign, IReadOnlyList<Variant> variants, RewriteOptions options)
    {
        var test = CampaignJson.AbTest(campaign);
        var compiled = new Dictionary<(string Html, string Preheader), MailTemplate>();
        var documents = new Dictionary<string, HtmlDocument>(StringComparer.Ordinal);
        var contents = new VariantContent[variants.Count];
        var size = (long)campaign.PlainText.Length;
        foreach (var variant in variants)
        {
            var levels = JsonSerializer.Deserialize<Dictionary<string, string>>(variant.Levels)!;
            var htmlKey = levels.GetValueOrDefault("html", "");
            var html = Value("html", campaign.Html);
            var preheader = Value("preheader", campaign.Preheader);
            MailTemplate? template = null;
            if (html.Length > 0 && !compiled.TryGetValue((htmlKey, preheader), out template))
            {
                compiled[(htmlKey, preheader)] = template = MailTemplate.Compile(html, options, preheader);
                size += html.Length;
            }

            if (!documents.TryGetValue(htmlKey, out var document))
            {
                documents[htmlKey] = document = new HtmlDocument(htmlKey, template?.Links ?? []);
            }

            contents[variant.Position] = new VariantContent(
                test is null ? null : variant.Key,
                TextTemplate.Compile(Value("subject", campaign.Subject)),
                Value("from_name", campaign.FromName),
                TextTemplate.Compile(preheader),
                template,
                document);

            string Value(string field, string without) => levels.TryGetValue(field, out var key)
                ? test!.Factors!.Single(factor => factor.Field == field).Levels!.Single(level => level.Key == key).Value ?? ""
                : without;
        }

        return new CampaignContent(campaign, contents, [.. documents.Values], size * sizeof(char));
    }
}
