using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>The outbox of releases that kept a row for each attempt: what they left becomes the first group.</summary>
internal static class FormerOutbox
{
    /// <param name="insert">Of a group's number and records.</param>
    public static void Move(WriteConnection connection, Statement insert, OutboxCodec codec)
    {
        using var exists = connection.Prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'outbox'");
        if (exists.Scalar() == 0)
        {
            return;
        }

        connection.Begin();
        using (var read = connection.Prepare("SELECT message_id, attempt, campaign_id, connection_id, first_at, mime_id, outcome, at, code, status, text, esp_message_id FROM outbox"))
        {
            var left = new List<OutboxRecord>();
            while (read.Step())
            {
                var attempt = new Attempt(read.Number(0), read.Number(2), read.Number(3), (int)read.Number(1), read.Number(4), read.Text(5));
                left.Add(new OutboxRecord(new AttemptOutcome(attempt, (AttemptEnd)read.Number(6), read.Number(7), (int)read.Number(8), read.Text(9), read.Text(10), read.Text(11))));
            }

            read.Reset();
            insert.Bind(1, 1).Bind(2, codec.Write(left)).Run();
        }

        connection.Execute("DROP TABLE outbox");
        connection.Commit();
    }
}
