using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Messages;

/// <summary>Brings single mail as its turn comes: it was written when it was made, and only whether it may still go is asked again.</summary>
internal sealed class SingleMails(SqliteFile file, MailVault vault, SuppressionCheck suppressions) : IMailSource
{
    private const string Waiting = """
        SELECT m.id, m.email, c.deleted_at, w.content FROM json_each($1) asked
        JOIN messages m ON m.id = asked.value JOIN contacts c ON c.id = m.contact_id LEFT JOIN mail_contents w ON w.message_id = m.id
        """;

    public bool WritesCampaigns => false;

    public async ValueTask<IReadOnlyList<ComposedMail>> ComposeAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken)
    {
        var rows = await ReadAsync(mails, cancellationToken);
        var suppressed = await suppressions.ReasonsAsync([.. rows.Values.Select(row => row.Email).Where(email => email.Length > 0)], cancellationToken);
        return [.. mails.Select(mail => Compose(mail.MessageId, rows.GetValueOrDefault(mail.MessageId), suppressed))];
    }

    private ComposedMail Compose(long messageId, Row? row, IReadOnlyDictionary<string, string> suppressed)
    {
        if (row is null || row.Email.Length == 0 || row.Deleted)
        {
            return Dropped("The contact was deleted.");
        }

        if (suppressed.TryGetValue(row.Email, out var reason))
        {
            return Dropped($"The address is suppressed: {reason}.");
        }

        if (row.Content is null)
        {
            return Dropped("What the mail said is not kept any more.");
        }

        if (vault.Open(row.Content) is not { } waiting)
        {
            return Dropped("What the mail said cannot be read: the key it was encrypted with is gone.");
        }

        var ourId = PublicId.Message(messageId);
        var mail = new OutgoingMail
        {
            From = new Mailbox(waiting.FromEmail, waiting.FromName),
            To = [new Mailbox(waiting.ToEmail, waiting.ToName)],
            Subject = waiting.Subject,
            Html = waiting.Html,
            Text = waiting.Text,
            Date = waiting.Date,
            MessageId = MimeWriter.MessageId(ourId, waiting.FromEmail[(waiting.FromEmail.LastIndexOf('@') + 1)..]),
            OurMessageId = ourId,
            ListUnsubscribe = waiting.ListUnsubscribe,

            // RFC 8058 knows one click by https only.
            OneClickUnsubscribe = waiting.ListUnsubscribe.Any(address => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase)),
            Attachments = [.. waiting.Files.Select(attached => attached.ToAttachment())],
        };
        return new ComposedMail(messageId, waiting.ToEmail, waiting.EnvelopeFrom, mail.MessageId, () => mail);

        ComposedMail Dropped(string because) => ComposedMail.Dropped(messageId, row?.Email ?? "", because);
    }

    private async Task<Dictionary<long, Row>> ReadAsync(IReadOnlyList<QueuedMail> mails, CancellationToken cancellationToken)
    {
        await using var connection = file.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = Waiting;
        command.Parameters.AddWithValue("$1", JsonSerializer.Serialize(mails.Select(mail => mail.MessageId)));
        var rows = new Dictionary<long, Row>(mails.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows[reader.GetInt64(0)] = new Row(reader.GetString(1), reader.GetInt64(2) != 0, reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3));
        }

        return rows;
    }

    private sealed record Row(string Email, bool Deleted, byte[]? Content);
}
