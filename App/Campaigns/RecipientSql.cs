using Microsoft.Data.Sqlite;
using ScoreTracking.Contacts;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>What a campaign already has for a contact.</summary>
/// <param name="Id">0 without a message.</param>
/// <param name="Variant">−1 before the campaign has started.</param>
internal readonly record struct FoundMessage(long Id, string Email, int Variant);

/// <summary>The prepared statements behind <see cref="RecipientWriter"/>.</summary>
internal sealed class RecipientSql : IDisposable
{
    private readonly PreparedCommands _commands;

    public RecipientSql(SqliteConnection connection)
    {
        _commands = new PreparedCommands(connection);
        Contacts = new ContactSql(_commands);
    }

    public ContactSql Contacts { get; }

    /// <summary>Begins work in a transaction; null without such a campaign.</summary>
    public RecipientCampaign? ReadCampaign(SqliteTransaction transaction, long campaignId)
    {
        Enter(transaction);
        string status;
        byte[] seed;
        bool started;
        using (var reader = Command("SELECT status, seed, started_at FROM campaigns WHERE id = $1", campaignId).ExecuteReader())
        {
            if (!reader.Read())
            {
                return null;
            }

            status = reader.GetString(0);
            seed = reader.GetFieldValue<byte[]>(1);
            started = reader.GetInt64(2) != 0;
        }

        return new RecipientCampaign(campaignId, status, seed, started ? ReadSplit(campaignId) : null);
    }

    public VariantDeal ReadSplit(long campaignId)
    {
        var weights = new List<double>();
        var recipients = new List<long>();
        using var reader = Command("SELECT weight, recipients FROM variants WHERE campaign_id = $1 ORDER BY position", campaignId).ExecuteReader();
        while (reader.Read())
        {
            weights.Add(reader.GetDouble(0));
            recipients.Add(reader.GetInt64(1));
        }

        return new VariantDeal([.. weights], [.. recipients]);
    }

    public FoundMessage FindMessage(long campaignId, long contactId)
    {
        const string sql = """
            SELECT m.id, m.email, st.variant FROM messages m LEFT JOIN message_state st ON st.message_id = m.id
            WHERE m.campaign_id = $1 AND m.contact_id = $2
            """;
        using var reader = Command(sql, campaignId, contactId).ExecuteReader();
        return reader.Read() ? new FoundMessage(reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? -1 : reader.GetInt32(2)) : default;
    }

    public long InsertMessage(long campaignId, long contactId, string email, long now) => _commands.Id(
        "INSERT INTO messages (campaign_id, contact_id, email, created_at) VALUES ($1, $2, $3, $4) RETURNING id", campaignId, contactId, email, now);

    public void UpdateMessageEmail(long messageId, string email)
    {
        Command("UPDATE messages SET email = $2 WHERE id = $1", messageId, email).ExecuteNonQuery();

        // What has been counted stays where it was counted.
        Command("UPDATE message_state SET provider = $2 WHERE message_id = $1 AND last_at = 0", messageId, (long)MailboxProvider.Of(email).Number).ExecuteNonQuery();
    }

    public void InsertState(long messageId, long campaignId, int variant, string email) => Command(
        "INSERT INTO message_state (message_id, campaign_id, variant, provider) VALUES ($1, $2, $3, $4)",
        messageId, campaignId, (long)variant, (long)MailboxProvider.Of(email).Number).ExecuteNonQuery();

    public void UpdateTracked(long messageId, bool tracked) =>
        Command("UPDATE message_state SET tracked = $2 WHERE message_id = $1 AND tracked <> $2", messageId, tracked ? 1L : 0L).ExecuteNonQuery();

    public void UpdateStateVariant(long messageId, int variant) =>
        Command("UPDATE message_state SET variant = $2 WHERE message_id = $1", messageId, (long)variant).ExecuteNonQuery();

    public void UpdateVariant(long campaignId, int position, long recipients) =>
        Command("UPDATE variants SET recipients = $3 WHERE campaign_id = $1 AND position = $2", campaignId, (long)position, recipients).ExecuteNonQuery();

    /// <inheritdoc cref="PreparedCommands.Command"/>
    public SqliteCommand Command(string sql, params ReadOnlySpan<object?> values) => _commands.Command(sql, values);

    /// <inheritdoc cref="PreparedCommands.Enter"/>
    public void Enter(SqliteTransaction? transaction) => _commands.Enter(transaction);

    public void Dispose() => _commands.Dispose();
}
