using ScoreTracking.Api;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Settings;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>HTML and text a caller brought for one recipient instead of the campaign's.</summary>
/// <param name="Html">Compiled; null where only text was brought.</param>
internal sealed record OwnContent(MailTemplate? Html, TextTemplate? Text, HtmlDocument Document);

/// <summary>What one recipient reads.</summary>
/// <param name="Values">What the merge fields say.</param>
/// <param name="Html">Empty without HTML.</param>
internal sealed record RenderedCopy(VariantContent Variant, HtmlDocument Document, MailValues Values, bool Tracked, string Html, string Text);

/// <summary>Writes a recipient's own copy of a campaign. The same recipient with the same data always gets the same bytes.</summary>
internal sealed class MailRenderer(MessageAddresses addresses, TrackingPolicy policy)
{
    /// <summary>Whether a recipient's copy would carry our pixel or links, and whether it must not for want of consent.</summary>
    public (bool Wanted, bool Withheld) Tracking(CampaignContent content, in Written recipient, OwnContent? own)
    {
        var wanted = IsWanted(content, recipient, own);
        return (wanted, wanted && policy.For(recipient.Consent) == TrackingLevel.None);
    }

    /// <param name="recipient">As decided when it was written: the organization's choice may have changed since.</param>
    public Instrumented Render(CampaignContent content, in ContactRow row, in Written recipient, OwnContent? own)
    {
        var messageId = recipient.MessageId;
        var copy = Copy(content, row, recipient, own);
        var (variant, values, document) = (copy.Variant, copy.Values, copy.Document);
        return new Instrumented(
            PublicId.Message(messageId),
            variant.VariantId,
            copy.Tracked,
            new SenderBody { Email = content.FromEmail, Name = variant.FromName },
            content.ReplyTo,
            variant.Subject.RenderLine(values),
            variant.Preheader.RenderLine(values),
            copy.Html,
            copy.Text,
            addresses.EnvelopeFrom(messageId),
            addresses.Headers(messageId),
            values.ClickUrl is null ? [] : [.. document.Links.Select(link => new InstrumentedLink(PublicId.Link(document.LinkIds[link.Position - 1]), link.Position, link.Url))]);
    }

    /// <summary>The same for ourselves, who need to be told neither the links nor the headers.</summary>
    public RenderedCopy Copy(CampaignContent content, in ContactRow row, in Written recipient, OwnContent? own)
    {
        var messageId = recipient.MessageId;
        var (html, document) = Source(content, recipient, own);
        var tracked = !recipient.Withheld && IsWanted(content, recipient, own);
        var clicks = tracked && content.TrackClicks;
        var values = new MailValues(
            clicks ? position => addresses.Click(messageId, document.LinkIds[position - 1]) : null,
            tracked && content.TrackOpens ? addresses.Open(messageId) : null,
            addresses.Unsubscribe(messageId),
            MergeField.Values(recipient.Attributes, row.Email, recipient.CustomerId))
        {
            HoneypotUrl = clicks && content.Honeypot ? addresses.Click(messageId, linkId: 0) : null,
            FillsAll = content.FillsAll,
        };
        return new RenderedCopy(
            content.Variants[recipient.Variant],
            document,
            values,
            tracked,
            html?.Render(values) ?? "",
            Text(content, html, own, values));
    }

    // What others send is theirs to complete.
    private static string Text(CampaignContent content, MailTemplate? html, OwnContent? own, MailValues values) =>
        own is not null ? own.Text?.Render(values) ?? ""
        : content.HasText || !content.FillsAll ? content.Text.Render(values)
        : html?.RenderText(values) ?? "";

    private static bool IsWanted(CampaignContent content, in Written recipient, OwnContent? own)
    {
        var (html, document) = Source(content, recipient, own);
        return html is not null && (content.TrackOpens || (content.TrackClicks && document.Links.Count > 0));
    }

    private static (MailTemplate? Html, HtmlDocument Document) Source(CampaignContent content, in Written recipient, OwnContent? own)
    {
        var variant = content.Variants[recipient.Variant];
        return own is null ? (variant.Html, variant.Document) : (own.Html, own.Document);
    }
}
