using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Messages;

/// <summary>All copies of one single mail, in the order they were made.</summary>
internal static class MailCopiesQuery
{
    private const string Copies = """
        SELECT m.id, m.email, s.status, s.opened_at, s.clicked_at, s.opens, s.clicks, s.last_at
        FROM messages m CROSS JOIN message_state s ON s.message_id = m.id WHERE m.mail_id = $mail ORDER BY m.id
        """;

    public static LiveQuery<IReadOnlyList<MailCopy>> Live(long mailId) => new(LiveTopic.Mails, ("copies", mailId), (db, token) => RunAsync(db, mailId, token));

    private static async Task<IReadOnlyList<MailCopy>> RunAsync(ScoreDb db, long mailId, CancellationToken cancellationToken)
    {
        var copies = new List<MailCopy>();
        await Sql.ReadAsync(
            db,
            Copies,
            [("$mail", mailId)],
            row => copies.Add(new MailCopy(
                PublicId.Message(row.GetInt64(0)),
                row.GetString(1),
                MessageStatuses.Indicator((MessageStatus)row.GetInt32(2), row.GetInt64(3) != 0, row.GetInt64(4) != 0),
                row.GetInt64(5),
                row.GetInt64(6),
                Time(row.GetInt64(3)),
                Time(row.GetInt64(7)))),
            cancellationToken);
        return copies;
    }

    private static DateTimeOffset? Time(long at) => at == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(at);
}
