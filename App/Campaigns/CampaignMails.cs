using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScoreTracking.Api;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>Writes campaigns' mail as its turn comes: what a recipient is and wants by then counts, and whoever may not be mailed any more is left out.</summary>
internal sealed class CampaignMails(
    SqliteFile file, ErasedPeople erased, SuppressionCheck suppressions, CampaignContents contents, MailRenderer renderer, MessageAddresses addresses, OrganizationSettings organization, TimeProvider clock) : IMailSource
{
    // In this order: by the campaign, all its messages would be read for each chunk.
    private const string Recipients = """
        SELECT m.id, m.email, c.customer_id, c.attributes, c.tracking_consent, c.refused_topics, c.deleted_at, s.variant, s.withheld, s.tracked
        FROM json_each($1) asked
        CROSS JOIN messages m ON m.id = asked.value CROSS JOIN contacts c ON c.id = m.contact_id CROSS JOIN message_state s ON s.message_id = m.id
        WHERE m.campaign_id = $2
        """;

    public bool WritesCampaigns => true;

    public async ValueTask<IReadOnlyList<ComposedMail>> ComposeAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken)
    {
        if (mails.Count == 0)
        {
            return [];
        }

        var content = await contents.GetAsync(mails[0].CampaignId, cancellationToken);
        await using var connection = file.Open();
        var recipients = await ReadAsync(connection, content.Id, mails, cancellationToken);
        var suppressed = await suppressions.ReasonsAsync([.. recipients.Values.Select(recipient => recipient.Row.Email)], cancellationToken);
        var ready = new Dictionary<long, Recipient>(recipients.Count);
        foreach (var (messageId, recipient) in recipients)
        {
            var dropped = recipient.Dropped
                ?? (suppressed.TryGetValue(recipient.Row.Email, out var reason) ? $"The address is suppressed: {reason}." : null)
                ?? (Topics.AllRefused(content.Topics, recipient.RefusedTopics) ? "The recipient wants no mail on the campaign's topics." : null);
            ready[messageId] = recipient with { Dropped = dropped };
        }

        Decide(connection, content, ready);
        var date = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), organization.Current.Zone);
        return [.. mails.Select(mail => ready.TryGetValue(mail.MessageId, out var recipient)
            ? Compose(content, recipient, date)
            : ComposedMail.Dropped(mail.MessageId, "", "The recipient is not in the campaign any more."))];
    }

    // Stored before anything leaves: by it, reports of opens are told apart from our own.
    private void Decide(SqliteConnection connection, CampaignContent content, Dictionary<long, Recipient> recipients)
    {
        var changed = new List<(Written Recipient, bool Tracked, bool Withheld)>();
        foreach (var (messageId, recipient) in recipients)
        {
            if (recipient.Dropped is null)
            {
                var (wanted, withheld) = renderer.Tracking(content, recipient.Written, own: null);
                if (recipient.Written.Withheld != withheld || recipient.Tracked != (wanted && !withheld))
                {
                    changed.Add((recipient.Written, wanted && !withheld, withheld));
                }

                recipients[messageId] = recipient with { Written = recipient.Written with { Withheld = withheld } };
            }
        }

        if (changed.Count > 0)
        {
            using var sql = new RecipientSql(connection, erased);
            using var transaction = connection.BeginTransaction();
            sql.Enter(transaction);
            sql.MarkTracked(content.Id, changed);
            transaction.Commit();
        }
    }

    private ComposedMail Compose(CampaignContent content, Recipient recipient, DateTimeOffset date)
    {
        var messageId = recipient.Written.MessageId;
        if (recipient.Dropped is not null)
        {
            return ComposedMail.Dropped(messageId, recipient.Row.Email, recipient.Dropped);
        }

        var ourId = PublicId.Message(messageId);
        var mimeId = MimeWriter.MessageId(ourId, content.FromEmail[(content.FromEmail.LastIndexOf('@') + 1)..]);
        return new ComposedMail(messageId, recipient.Row.Email, addresses.EnvelopeFrom(messageId), mimeId, () => Write(content, recipient, date, ourId, mimeId));
    }

    private OutgoingMail Write(CampaignContent content, in Recipient recipient, DateTimeOffset date, string ourId, string mimeId)
    {
        var copy = renderer.Copy(content, recipient.Row, recipient.Written, own: null);
        var unsubscribe = addresses.ListUnsubscribe(recipient.Written.MessageId, copy.Values.UnsubscribeUrl!);
        return new OutgoingMail
        {
            From = new Mailbox(content.FromEmail, copy.Variant.FromName is { Length: > 0 } name ? name : null),
            To = [new Mailbox(recipient.Row.Email, ContactName.Of(recipient.Written.Attributes))],
            ReplyTo = content.ReplyTo is null ? null : new Mailbox(content.ReplyTo, null),
            Subject = copy.Variant.Subject.RenderLine(copy.Values),
            Html = copy.Html.Length > 0 ? copy.Html : null,
            Text = copy.Text.Length > 0 || copy.Html.Length == 0 ? copy.Text : null,
            Date = date,
            MessageId = mimeId,
            OurMessageId = ourId,
            ListUnsubscribe = unsubscribe,

            // RFC 8058 knows it only by https.
            OneClickUnsubscribe = unsubscribe[0].StartsWith("https://", StringComparison.Ordinal),
        };
    }

    private static async Task<Dictionary<long, Recipient>> ReadAsync(
        SqliteConnection connection, long campaignId, IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Recipients;
        command.Parameters.AddWithValue("$1", JsonSerializer.Serialize(mails.Select(mail => mail.MessageId)));
        command.Parameters.AddWithValue("$2", campaignId);
        var recipients = new Dictionary<long, Recipient>(mails.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var messageId = reader.GetInt64(0);
            var customerId = reader.IsDBNull(2) ? null : reader.GetString(2);
            var variant = reader.GetInt32(7);
            var written = new Written(
                null, Added: false, messageId, variant, reader.GetString(3), (TrackingConsent)reader.GetInt64(4), customerId, reader.GetBoolean(8));
            recipients[messageId] = new Recipient(
                new ContactRow(customerId, reader.GetString(1), ContactRow.NoData, null),
                written,
                Topics.Read(reader.GetString(5)),
                reader.GetBoolean(9),
                reader.GetInt64(6) != 0 ? "The contact was deleted." : variant < 0 ? "The recipient has no variant." : null);
        }

        return recipients;
    }

    /// <param name="Tracked">Whether the copy made before carries our pixel or links.</param>
    /// <param name="Dropped">Why there is nothing to hand over, or null.</param>
    private readonly record struct Recipient(ContactRow Row, Written Written, IReadOnlyList<string> RefusedTopics, bool Tracked, string? Dropped);
}
