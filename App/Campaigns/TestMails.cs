using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <param name="To">1 to 5 addresses.</param>
/// <param name="As">Customer id or address of the contact whose data fills the merge fields; missing for examples.</param>
/// <param name="Variant">Which one, by its id; missing for the first.</param>
public sealed record TestBody(IReadOnlyList<string?>? To = null, string? As = null, string? Variant = null);

/// <param name="Outcome">accepted, refused, deferred, unreachable, uncertain or suppressed.</param>
/// <param name="Detail">The server's words, or ours.</param>
public sealed record TestMailOutcome(string To, string Outcome, string Detail);

public sealed record TestAnswer(IReadOnlyList<TestMailOutcome> Outcomes);

/// <summary>Copies of a campaign for those who make it: "[Test] " in front of the subject, no pixel, links as written, and counted nowhere.</summary>
public sealed class TestMails(
    IDbContextFactory<ScoreDb> databases, CampaignContents contents, PreviewContacts contacts, SendingConnections connections, Transports transports, SuppressionCheck suppressions, OrganizationSettings organization, TimeProvider clock)
{
    public const int MaxRecipients = 5;
    public const string Accepted = "accepted";
    private const string Mark = "[Test] ";

    // Nobody is unsubscribed by a test.
    private const string NoAddress = "about:blank";

    public async Task<Outcome<TestAnswer>> SendAsync(long campaignId, TestBody body, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        if (body.To is not { Count: > 0 and <= MaxRecipients })
        {
            errors.Add("to", $"must be 1 to {MaxRecipients} addresses");
        }

        for (var i = 0; errors.None && i < body.To!.Count; i++)
        {
            errors.Address($"to[{i}]", body.To[i] ?? "");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.FirstOrDefaultAsync(c => c.Id == campaignId, cancellationToken);
        if (campaign is null)
        {
            return new Refusal.Missing("campaign");
        }

        if (campaign.ConnectionId == 0)
        {
            return new Refusal.State("Your CRM sends this campaign: without a connection this server has nowhere to hand a test to.");
        }

        var variants = await db.Variants.Where(v => v.CampaignId == campaignId).OrderBy(v => v.Position).ToListAsync(cancellationToken);
        var variant = body.Variant is null ? 0 : variants.FindIndex(v => v.Key == body.Variant);
        if (variant < 0)
        {
            errors.Add("variant", "there is no such variant");
        }

        var contact = body.As is null ? null : await contacts.FindAsync(body.As, cancellationToken);
        if (body.As is not null && contact is null)
        {
            errors.Add("as", "there is no such contact");
        }

        if (errors.None && await connections.ErrorAsync(campaign.ConnectionId, cancellationToken) is { } error)
        {
            errors.Add("connection_id", error);
        }

        if (!errors.None)
        {
            return new Refusal.Faults(errors.ToDictionary());
        }

        try
        {
            return Write(campaign, variants, variant, contact) is { } mail
                ? await SendAsync(campaign.ConnectionId, mail, [.. body.To!.Select(Parsed)], cancellationToken)
                : new Refusal.Faults("content", "the campaign has neither HTML nor text");
        }
        catch (MailTemplateException refused)
        {
            return new Refusal.Faults("content.html", refused.Message);
        }
    }

    private async Task<TestAnswer> SendAsync(long connectionId, OutgoingMail mail, IReadOnlyList<string> to, CancellationToken cancellationToken)
    {
        var suppressed = await suppressions.ReasonsAsync(to, cancellationToken);
        var outcomes = new List<TestMailOutcome>(to.Count);
        foreach (var address in to)
        {
            if (suppressed.TryGetValue(address, out var reason))
            {
                outcomes.Add(new TestMailOutcome(address, "suppressed", $"The address is suppressed: {reason}."));
                continue;
            }

            var addressed = mail with { To = [new Mailbox(address, null)], MessageId = MimeWriter.MessageId($"test-{Guid.NewGuid():N}", Domain(mail.From.Address)) };
            var handed = await transports.SendNowAsync(connectionId, addressed, mail.From.Address, address, cancellationToken);
            outcomes.Add(handed is null
                ? new TestMailOutcome(address, "refused", "The connection was removed in the meantime.")
                : new TestMailOutcome(address, handed.Verdict.ToString().ToLowerInvariant(), handed.Text));
        }

        return new TestAnswer(outcomes);
    }

    private OutgoingMail? Write(Campaign campaign, IReadOnlyList<Variant> variants, int position, PreviewContact? contact)
    {
        var content = contents.Compile(campaign, variants);
        var variant = content.Variants[position];
        if (variant.Html is null && !content.HasText)
        {
            return null;
        }

        var fields = contact?.Values
            ?? MailExample.Values(MailExample.FieldsOf([campaign.Subject, campaign.Preheader, campaign.Html, campaign.PlainText, .. Levels(campaign)]));
        var values = new MailValues(ClickUrl: null, OpenUrl: null, NoAddress, fields) { FillsAll = true };
        return new OutgoingMail
        {
            From = new Mailbox(content.FromEmail, variant.FromName.Length > 0 ? variant.FromName : null),
            To = [],
            ReplyTo = content.ReplyTo is null ? null : new Mailbox(content.ReplyTo, null),
            Subject = Mark + variant.Subject.RenderLine(values),
            Html = variant.Html?.Render(values),
            Text = content.HasText ? content.Text.Render(values) : variant.Html!.RenderText(values) is { Length: > 0 } words ? words : null,
            Date = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), organization.Current.Zone),
            MessageId = "",
        };
    }

    private static IEnumerable<string> Levels(Campaign campaign) =>
        CampaignJson.AbTest(campaign)?.Factors?.SelectMany(factor => factor.Levels ?? []).Select(level => level.Value ?? "") ?? [];

    private static string Parsed(string? text) => EmailAddress.TryParse(text, out var address) ? address.Value : throw new ArgumentException("Not an email address.", nameof(text));

    private static string Domain(string address) => address[(address.LastIndexOf('@') + 1)..];
}
