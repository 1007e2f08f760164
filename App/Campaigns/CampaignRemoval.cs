using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>Deletes campaigns nothing has happened in. Those with events stay: their reports and the links in sent mail need them.</summary>
public sealed class CampaignRemoval(SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, CampaignLocks locks, LiveUpdates live)
{
    /// <returns>Why it was not deleted, or null.</returns>
    public async Task<Refusal?> RunAsync(long id, CancellationToken cancellationToken)
    {
        using var held = await locks.HoldAsync(id, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var status = await db.Campaigns.Where(c => c.Id == id).Select(c => c.Status).FirstOrDefaultAsync(cancellationToken);
        switch (status)
        {
            case null:
                return new Refusal.Missing("campaign");
            case CampaignStatus.Draft or CampaignStatus.Cancelled:
                break;
            default:
                return new Refusal.State($"The campaign is {status}: only drafts and cancelled campaigns can be deleted.");
        }

        if (await db.Events.AnyAsync(e => e.CampaignId == id, cancellationToken))
        {
            return new Refusal.State("The campaign has events: it cannot be deleted.");
        }

        // Cancelled first: from here on nobody can be added or instrumented.
        await db.Campaigns.Where(c => c.Id == id).ExecuteUpdateAsync(set => set.SetProperty(c => c.Status, CampaignStatus.Cancelled), cancellationToken);
        var deleted = Delete(id, cancellationToken);
        live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
        return deleted ? null : new Refusal.State("An event of the campaign has just arrived: it was cancelled, not deleted.");
    }

    // In short transactions: a million messages in one would keep the event writer waiting for a minute.
    private bool Delete(long id, CancellationToken cancellationToken)
    {
        using var connection = file.Open();
        using var sql = new RecipientSql(connection, erased);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var transaction = connection.BeginTransaction();
            sql.Enter(transaction);
            if (sql.Command("SELECT 1 FROM events WHERE campaign_id = $1 LIMIT 1", id).ExecuteScalar() is not null)
            {
                return false;
            }

            sql.Command(
                "DELETE FROM message_state WHERE message_id IN (SELECT id FROM messages WHERE campaign_id = $1 LIMIT $2)", id, (long)RecipientWriter.MaxRows).ExecuteNonQuery();
            var messages = sql.Command(
                "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE campaign_id = $1 LIMIT $2)", id, (long)RecipientWriter.MaxRows).ExecuteNonQuery();
            if (messages < RecipientWriter.MaxRows)
            {
                sql.Command("DELETE FROM campaigns WHERE id = $1", id).ExecuteNonQuery();
                transaction.Commit();
                return true;
            }

            transaction.Commit();
        }
    }
}
