using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>What a campaign already has for a contact.</summary>
/// <param name="Id">0 without a message.</param>
/// <param name="Variant">−1 before the campaign has started.</param>
/// <param name="Withheld">Its copy carries no pixel and links for want of consent.</param>
internal readonly record struct FoundMessage(long Id, string Email, int Variant, bool Withheld);

/// <summary>The prepared statements behind <see cref="RecipientWriter"/>.</summary>
internal sealed class RecipientSql : IDisposable
{
    private readonly PreparedCommands _commands;

    public RecipientSql(SqliteConnection connection, ErasedPeople erased)
        : this(new PreparedCommands(connection), erased)
    {
    }

    /// <param name="commands">Disposed of with this.</param>
    public RecipientSql(PreparedCommands commands, ErasedPeople erased)
    {
        _commands = commands;
        Contacts = new ContactSql(_commands, erased);
    }

    public ContactSql Contacts { get; }

    /// <summary>Begins work in a transaction; null without such a campaign.</summary>
    public RecipientCampaign? ReadCampaign(SqliteTransaction transaction, long campaignId)
    {
        Enter(transaction);
        string status;
        byte[] seed;
        bool started;
        string topics;
        long connectionId;
        using (var reader = Command("SELECT status, seed, started_at, topics, iif(delivery = 'smtp', connection_id, 0) FROM campaigns WHERE id = $1", campaignId).ExecuteReader())
        {
            if (!reader.Read())
            {
                return null;
            }

            status = reader.GetString(0);
            seed = reader.GetFieldValue<byte[]>(1);
            started = reader.GetInt64(2) != 0;
            topics = reader.GetString(3);
            connectionId = reader.GetInt64(4);
        }

        return new RecipientCampaign(campaignId, status, seed, Topics.Read(topics), connectionId, started ? ReadSplit(campaignId) : null);
    }

    /// <summary>A person we know as they would be handed over; null once they are gone.</summary>
    public ContactRow? ReadContact(long contactId)
    {
        using var reader = Command("SELECT customer_id, email FROM contacts WHERE id = $1 AND deleted_at = 0", contactId).ExecuteReader();
        return reader.Read() ? new ContactRow(reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetString(1), ContactRow.NoData, null) : null;
    }

    public VariantDeal ReadSplit(long campaignId)
    {
        TestDeal test;
        using (var reader = Command("SELECT winner, test_bound, test_open, test_adaptive FROM campaigns WHERE id = $1", campaignId).ExecuteReader())
        {
            reader.Read();
            test = new TestDeal(reader.GetInt32(0), reader.GetInt64(1), reader.GetBoolean(2), reader.GetBoolean(3));
        }

        var weights = new List<double>();
        var recipients = new List<long>();
        using var variants = Command("SELECT weight, recipients FROM variants WHERE campaign_id = $1 ORDER BY position", campaignId).ExecuteReader();
        while (variants.Read())
        {
            weights.Add(variants.GetDouble(0));
            recipients.Add(variants.GetInt64(1));
        }

        return new VariantDeal([.. weights], [.. recipients], test);
    }

    public FoundMessage FindMessage(long campaignId, long contactId)
    {
        const string sql = """
            SELECT m.id, m.email, st.variant, st.withheld FROM messages m LEFT JOIN message_state st ON st.message_id = m.id
            WHERE m.campaign_id = $1 AND m.contact_id = $2
            """;
        using var reader = Command(sql, campaignId, contactId).ExecuteReader();
        return reader.Read() ? new FoundMessage(
            reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? -1 : reader.GetInt32(2), !reader.IsDBNull(3) && reader.GetBoolean(3)) : default;
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

    public void UpdateTracked(long messageId, bool tracked, bool withheld) => Command(
        "UPDATE message_state SET tracked = $2, withheld = $3 WHERE message_id = $1 AND (tracked <> $2 OR withheld <> $3)",
        messageId, tracked ? 1L : 0L, withheld ? 1L : 0L).ExecuteNonQuery();

    // False where somebody else has decided the same in the meantime: it is counted once.
    private bool UpdateWithheld(long messageId, bool withheld) => Command(
        "UPDATE message_state SET withheld = $2 WHERE message_id = $1 AND withheld <> $2", messageId, withheld ? 1L : 0L).ExecuteNonQuery() == 1;

    public void AddNotTracked(long campaignId, int variant, long change) =>
        Command("UPDATE variants SET not_tracked = not_tracked + $3 WHERE campaign_id = $1 AND position = $2", campaignId, (long)variant, change).ExecuteNonQuery();

    /// <summary>Notes of each copy whether it carries our pixel or links, or would if it were allowed to. Within a transaction.</summary>
    public void MarkTracked(long campaignId, IEnumerable<(Written Recipient, bool Tracked, bool Withheld)> copies)
    {
        var changes = new Dictionary<int, long>();

        // The same recipient twice is one copy: the last.
        foreach (var (recipient, tracked, withheld) in copies.GroupBy(copy => copy.Recipient.MessageId).Select(same => same.Last()))
        {
            if (withheld != recipient.Withheld && UpdateWithheld(recipient.MessageId, withheld))
            {
                changes[recipient.Variant] = changes.GetValueOrDefault(recipient.Variant) + (withheld ? 1 : -1);
            }

            UpdateTracked(recipient.MessageId, tracked, withheld);
        }

        foreach (var (variant, change) in changes)
        {
            AddNotTracked(campaignId, variant, change);
        }
    }

    public void UpdateStateVariant(long messageId, int variant) =>
        Command("UPDATE message_state SET variant = $2 WHERE message_id = $1", messageId, (long)variant).ExecuteNonQuery();

    /// <summary>The same for many, in one statement.</summary>
    public void UpdateStateVariants(IReadOnlyList<long> messageIds, int variant) => Command(
        "UPDATE message_state SET variant = $2 WHERE message_id IN (SELECT value FROM json_each($1))", JsonSerializer.Serialize(messageIds), (long)variant).ExecuteNonQuery();

    public void UpdateVariant(long campaignId, int position, long recipients) =>
        Command("UPDATE variants SET recipients = $3 WHERE campaign_id = $1 AND position = $2", campaignId, (long)position, recipients).ExecuteNonQuery();

    /// <inheritdoc cref="PreparedCommands.Command"/>
    public SqliteCommand Command(string sql, params ReadOnlySpan<object?> values) => _commands.Command(sql, values);

    /// <inheritdoc cref="PreparedCommands.Enter"/>
    public void Enter(SqliteTransaction? transaction) => _commands.Enter(transaction);

    public void Dispose() => _commands.Dispose();
}
