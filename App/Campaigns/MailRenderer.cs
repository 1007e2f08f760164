using System.Text.Json;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Mail;
using ScoreTracking.Settings;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>HTML and text a caller brought for one recipient instead of the campaign's.</summary>
/// <param name="Html">Compiled; null where only text was brought.</param>
internal sealed record OwnContent(MailTemplate? Html, TextTemplate? Text, HtmlDocument Document);

/// <summary>Writes a recipient's own copy of a campaign. The same recipient with the same data always gets the same bytes.</summary>
internal sealed class MailRenderer(TrackingIds ids, TrackingPolicy policy, IOptions<ServerUrls> options)
{
    private readonly string _base = options.Value.TrackingBase;

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
        var variant = content.Variants[recipient.Variant];
        var (html, document) = Source(content, recipient, own);
        var tracked = !recipient.Withheld && IsWanted(content, recipient, own);
        var clicks = tracked && content.TrackClicks;
        var unsubscribe = $"{_base}/u/{ids.Write(TrackingKind.Unsubscribe, new TrackingId(messageId))}";
        var values = new MailValues(
            clicks ? position => $"{_base}/c/{ids.Write(TrackingKind.Click, new TrackingId(messageId, document.LinkIds[position - 1]))}" : null,
            tracked && content.TrackOpens ? $"{_base}/o/{ids.Write(TrackingKind.Open, new TrackingId(messageId))}.gif" : null,
            unsubscribe,
            Fields(recipient, row.Email))
        {
            HoneypotUrl = clicks && content.Honeypot ? $"{_base}/c/{ids.Write(TrackingKind.Click, new TrackingId(messageId))}" : null,
        };
        var id = PublicId.Message(messageId);
        return new Instrumented(
            id,
            variant.VariantId,
            tracked,
            new SenderBody { Email = content.FromEmail, Name = variant.FromName },
            content.ReplyTo,
            variant.Subject.RenderLine(values.Fields),
            variant.Preheader.RenderLine(values.Fields),
            html?.Render(values) ?? "",
            (own is null ? content.Text : own.Text)?.Render(values.Fields, unsubscribe) ?? "",
            InboundAddress(VerpKind.Bounce, TrackingKind.Bounce, messageId),
            new MailHeaders(ListUnsubscribe(unsubscribe, messageId), "List-Unsubscribe=One-Click", id),
            clicks ? [.. document.Links.Select(link => new InstrumentedLink(PublicId.Link(document.LinkIds[link.Position - 1]), link.Position, link.Url))] : []);
    }

    private string ListUnsubscribe(string unsubscribe, long messageId) =>
        InboundAddress(VerpKind.Unsubscribe, TrackingKind.MailUnsubscribe, messageId) is { } address
            ? $"<{unsubscribe}>, <mailto:{address}?subject=unsubscribe>"
            : $"<{unsubscribe}>";

    private string? InboundAddress(VerpKind kind, TrackingKind signedFor, long messageId) =>
        options.Value.InboundDomain is { Length: > 0 } domain
            ? VerpAddress.Create(kind, ids.Write(signedFor, new TrackingId(messageId)), domain).Address()
            : null;

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

    // What a merge field says. Address and customer id are the recipient's, whatever an attribute of that name says.
    private static Dictionary<string, string> Fields(in Written recipient, string email)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        using var attributes = JsonDocument.Parse(recipient.Attributes);
        foreach (var attribute in attributes.RootElement.EnumerateObject())
        {
            fields[attribute.Name] = MergeField.Text(attribute.Value);
        }

        fields["email"] = email;
        if (recipient.CustomerId is { } customerId)
        {
            fields["customer_id"] = customerId;
        }

        return fields;
    }
}
