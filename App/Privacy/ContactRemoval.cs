using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Privacy;

/// <summary>
/// Deletes contacts: what is known of the person goes, and so do their places in campaigns that have not started. Mail that was
/// sent stays in the reports, with its address, and a suppression outlives its contact. To leave nothing behind is <see cref="Erasures"/>.
/// </summary>
internal sealed class ContactRemoval(SqliteFile file, LiveUpdates live, TimeProvider clock)
{
    /// <returns>False where there is no such contact.</returns>
    public bool Delete(long contactId)
    {
        if (!DeleteRows(contactId))
        {
            return false;
        }

        live.Signal([LiveTopic.Contact(contactId), LiveTopic.Contacts, LiveTopic.Segments]);
        return true;
    }

    private bool DeleteRows(long contactId)
    {
        using var connection = file.Open();
        using var transaction = connection.BeginTransaction();
        if (Run("SELECT id FROM contacts WHERE id = $id AND deleted_at = 0") is null)
        {
            return false;
        }

        Run("DELETE FROM list_members WHERE contact_id = $id");
        Run("DELETE FROM message_state WHERE variant < 0 AND message_id IN (SELECT id FROM messages WHERE contact_id = $id)");
        Run("DELETE FROM messages WHERE contact_id = $id AND id NOT IN (SELECT message_id FROM message_state WHERE message_id IN (SELECT id FROM messages WHERE contact_id = $id))");

        // A refusal to be tracked holds for mail already sent, so the answer stays with it.
        Run(Run("SELECT id FROM messages WHERE contact_id = $id LIMIT 1") is null
            ? "DELETE FROM contacts WHERE id = $id"
            : "UPDATE contacts SET customer_id = NULL, attributes = '{}', deleted_at = $now WHERE id = $id");
        transaction.Commit();
        return true;

        object? Run(string sql)
        {
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
#pragma warning disable CA2100 // Constants of this method.
            command.CommandText = sql;
#pragma warning restore CA2100
            command.Parameters.AddWithValue("$id", contactId);
            command.Parameters.AddWithValue("$now", clock.GetUtcNow().ToUnixTimeMilliseconds());
            return command.ExecuteScalar();
        }
    }
}
