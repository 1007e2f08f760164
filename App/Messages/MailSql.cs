using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Messages;

/// <summary>The statements that store a single mail, in a transaction <paramref name="commands"/> has entered.</summary>
internal sealed class MailSql(PreparedCommands commands)
{
    /// <summary>How long a repeated request finds what it made, as for every Idempotency-Key.</summary>
    private const long RequestKept = 24 * 60 * 60 * 1000;

    /// <summary>The address of a contact somebody names by customer id only.</summary>
    public string? EmailOf(string customerId) => commands.Command("SELECT email FROM contacts WHERE customer_id = $1", customerId).ExecuteScalar() as string;

    /// <summary>The mail a request made before, with its messages by address; null when it made none, or longer ago than it is remembered.</summary>
    public (long MailId, Dictionary<string, long> Messages)? FindMade(byte[] requestKey, long now)
    {
        commands.Command("UPDATE mails SET request_key = NULL WHERE request_key = $1 AND created_at <= $2", requestKey, now - RequestKept).ExecuteNonQuery();
        if (commands.Command("SELECT id FROM mails WHERE request_key = $1", requestKey).ExecuteScalar() is not long mailId)
        {
            return null;
        }

        var messages = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        using var reader = commands.Command("SELECT email, id FROM messages WHERE mail_id = $1", mailId).ExecuteReader();
        while (reader.Read())
        {
            messages[reader.GetString(0)] = reader.GetInt64(1);
        }

        return (mailId, messages);
    }

    public long InsertMail(MailBody body, string fromEmail, long createdBy, byte[]? requestKey, long now) => commands.Id(
        """
        INSERT INTO mails (from_email, from_name, subject, track_opens, track_clicks, notify_first_open, request_key, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id
        """,
        fromEmail, body.From!.Name ?? "", body.Subject ?? "", Number(body.TrackOpens), Number(body.TrackClicks), Number(body.NotifyFirstOpen), requestKey, createdBy, now);

    /// <param name="untracked">Why the copy carries neither pixel nor links; null where it does.</param>
    public long InsertMessage(long mailId, long contactId, string email, string? untracked, long now)
    {
        var id = commands.Id("INSERT INTO messages (mail_id, contact_id, email, created_at) VALUES ($1, $2, $3, $4) RETURNING id", mailId, contactId, email, now);
        commands.Command(
            "INSERT INTO message_state (message_id, campaign_id, variant, tracked, withheld, provider) VALUES ($1, 0, 0, $2, $3, $4)",
            id, untracked is null ? 1L : 0L, untracked is InstrumentedMail.NoConsent or InstrumentedMail.ByMode ? 1L : 0L, (long)MailboxProvider.Of(email).Number).ExecuteNonQuery();
        return id;
    }

    /// <summary>Finds or stores the links of one message's copy; their ids, in order.</summary>
    public long[] Links(long messageId, IReadOnlyList<TemplateLink> links)
    {
        var ids = new long[links.Count];
        using (var reader = commands.Command("SELECT position, id FROM links WHERE message_id = $1", messageId).ExecuteReader())
        {
            while (reader.Read())
            {
                ids[reader.GetInt32(0) - 1] = reader.GetInt64(1);
            }
        }

        foreach (var link in links.Where(link => ids[link.Position - 1] == 0))
        {
            ids[link.Position - 1] = commands.Id(
                "INSERT INTO links (message_id, content, position, url, label) VALUES ($1, 'own', $2, $3, $4) RETURNING id", messageId, link.Position, link.Url, link.Label);
        }

        return ids;
    }

    /// <summary>Keeps what a message says, until <see cref="MailContentPurge"/> forgets it.</summary>
    /// <param name="connectionId">What it is handed to.</param>
    public void KeepContent(long messageId, long connectionId, byte[] content) =>
        commands.Command("INSERT INTO mail_contents (message_id, connection_id, content) VALUES ($1, $2, $3)", messageId, connectionId, content).ExecuteNonQuery();

    private static long Number(bool? given) => given == false ? 0 : 1;
}
