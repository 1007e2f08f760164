using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>Deals recipients a test held back, and queues their mail where we hand it off, in transactions so short that the event writer hardly waits. What a crash interrupts goes on where it was.</summary>
internal sealed class RestDeal(SqliteFile file, ErasedPeople erased, SendQueue queue, TimeProvider clock)
{
    // By recipient, so that a page ends where the next begins, whatever was dealt meanwhile.
    private const string Page = """
        SELECT m.id, m.contact_id, c.customer_id, m.email, s.variant FROM messages m INDEXED BY messages_recipient
        JOIN contacts c ON c.id = m.contact_id JOIN message_state s ON s.message_id = m.id
        WHERE m.campaign_id = $1 AND m.contact_id > $2 ORDER BY m.contact_id LIMIT 20000
        """;

    private const string Update = "UPDATE message_state SET variant = $2 WHERE message_id = $1 AND variant < 0";

    /// <summary>Deals all whose turn it is.</summary>
    /// <returns>False where the campaign is no longer testing: paused, cancelled.</returns>
    public bool Run(long campaignId, CancellationToken cancellationToken)
    {
        using var connection = file.Open();
        using var sql = new RecipientSql(connection, erased);
        var waiting = new List<(long MessageId, ulong Order)>(RecipientWriter.MaxRows);
        var seed = ReadSeed(sql, campaignId);
        for (var after = -1L; after != long.MaxValue;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            after = ReadPage(sql, campaignId, seed, after, waiting);
            foreach (var chunk in waiting.Chunk(RecipientWriter.MaxRows))
            {
                if (!Deal(connection, sql, campaignId, chunk))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static byte[] ReadSeed(RecipientSql sql, long campaignId)
    {
        sql.Enter(null);
        return (byte[])sql.Command("SELECT seed FROM campaigns WHERE id = $1", campaignId).ExecuteScalar()!;
    }

    // Returns the recipient the page ended with, or the largest number at the end.
    private static long ReadPage(RecipientSql sql, long campaignId, byte[] seed, long after, List<(long MessageId, ulong Order)> waiting)
    {
        waiting.Clear();
        sql.Enter(null);
        var last = long.MaxValue;
        using var reader = sql.Command(Page, campaignId, after).ExecuteReader();
        while (reader.Read())
        {
            last = reader.GetInt64(1);
            if (reader.GetInt32(4) < 0)
            {
                waiting.Add((reader.GetInt64(0), VariantSplit.Order(seed, reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3))));
            }
        }

        return last;
    }

    private bool Deal(SqliteConnection connection, RecipientSql sql, long campaignId, (long MessageId, ulong Order)[] waiting)
    {
        using var transaction = connection.BeginTransaction();
        sql.Enter(transaction);
        if (sql.Command("SELECT connection_id FROM campaigns WHERE id = $1 AND status = $2", campaignId, CampaignStatus.Testing).ExecuteScalar() is not long connectionId)
        {
            return false;
        }

        var dealt = new List<long>(waiting.Length);

        var split = sql.ReadSplit(campaignId);
        foreach (var (messageId, order) in waiting)
        {
            var variant = split.Look(order, asked: true);
            if (variant >= 0 && sql.Command(Update, messageId, (long)variant).ExecuteNonQuery() == 1)
            {
                split.Count(variant);
                dealt.Add(messageId);
            }
        }

        split.Save(sql, campaignId);
        if (connectionId != 0)
        {
            SendQueue.Enqueue(connection, transaction, campaignId, connectionId, clock.GetUtcNow(), dealt);
        }

        transaction.Commit();
        queue.Wake();
        return true;
    }
}
