using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>What is known of a recipient before it is written.</summary>
/// <param name="ContactId">0 when the person is new; the same for the message.</param>
/// <param name="Merged">The attributes with what the recipient brings merged in.</param>
internal readonly record struct Found(
    string? SuppressedFor, long ContactId, string? CustomerId, string Email, string Attributes, string Merged,
    TrackingConsent Consent, long ConsentAt, long MessageId, string MessageEmail, int Variant)
{
    public bool Differs(in RecipientRow row, TrackingConsent consent) =>
        Consent != consent
        || (row.CustomerId is not null && row.CustomerId != CustomerId)
        || !string.Equals(Email, row.Email, StringComparison.OrdinalIgnoreCase)
        || !string.Equals(Attributes, Merged, StringComparison.Ordinal);
}

/// <summary>The prepared statements behind <see cref="RecipientWriter"/>: preparing them again for each row costs more than running them.</summary>
internal sealed class RecipientSql(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;

    /// <summary>Begins work in a transaction; null without such a campaign.</summary>
    public RecipientCampaign? ReadCampaign(SqliteTransaction transaction, long campaignId)
    {
        _transaction = transaction;
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

    // A person is found by customer id, else by address. An address without a customer id so far belongs to whoever brings one.
    public Found Find(long campaignId, in RecipientRow row)
    {
        const string sql = """
            SELECT s.reason, c.id, c.customer_id, c.email, c.attributes, json_patch(coalesce(c.attributes, '{}'), $4), c.tracking_consent, c.consent_at,
                   m.id, m.email, st.variant
            FROM (SELECT 1)
            LEFT JOIN suppressions s ON s.email = $3
            LEFT JOIN contacts c ON c.id = coalesce(
                (SELECT id FROM contacts WHERE customer_id = $2),
                (SELECT id FROM contacts WHERE email = $3 AND ($2 IS NULL OR customer_id IS NULL) ORDER BY customer_id IS NOT NULL, id LIMIT 1))
            LEFT JOIN messages m ON m.campaign_id = $1 AND m.contact_id = c.id
            LEFT JOIN message_state st ON st.message_id = m.id
            """;
        using var reader = Command(sql, campaignId, row.CustomerId, row.Email, row.Data).ExecuteReader();
        reader.Read();
        var known = !reader.IsDBNull(1);
        var mailed = !reader.IsDBNull(8);
        return new Found(
            SuppressedFor: Text(reader, 0),
            ContactId: known ? reader.GetInt64(1) : 0,
            CustomerId: Text(reader, 2),
            Email: Text(reader, 3) ?? "",
            Attributes: Text(reader, 4) ?? RecipientRow.NoData,
            Merged: reader.GetString(5),
            Consent: known ? (TrackingConsent)reader.GetInt64(6) : TrackingConsent.Unknown,
            ConsentAt: known ? reader.GetInt64(7) : 0,
            MessageId: mailed ? reader.GetInt64(8) : 0,
            MessageEmail: Text(reader, 9) ?? "",
            Variant: reader.IsDBNull(10) ? -1 : reader.GetInt32(10));
    }

    public long InsertContact(in RecipientRow row, string attributes, TrackingConsent consent, long now) => Id(Command(
        "INSERT INTO contacts (customer_id, email, attributes, tracking_consent, consent_at, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        row.CustomerId, row.Email, attributes, (long)consent, row.Consent is null ? 0 : now, now));

    public void UpdateContact(long id, in RecipientRow row, string attributes, TrackingConsent consent, long consentAt) => Command(
        "UPDATE contacts SET customer_id = coalesce($2, customer_id), email = $3, attributes = $4, tracking_consent = $5, consent_at = $6 WHERE id = $1",
        id, row.CustomerId, row.Email, attributes, (long)consent, consentAt).ExecuteNonQuery();

    public long InsertMessage(long campaignId, long contactId, string email, long now) => Id(Command(
        "INSERT INTO messages (campaign_id, contact_id, email, created_at) VALUES ($1, $2, $3, $4) RETURNING id", campaignId, contactId, email, now));

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

    /// <summary>A statement of the transaction in progress, prepared once; parameters are $1, $2 …</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands[sql] = command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this program.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }
        }

        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    /// <summary>Statements from here on belong to this transaction, or to none.</summary>
    public void Enter(SqliteTransaction? transaction) => _transaction = transaction;

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
    }

    private static long Id(SqliteCommand command) => (long)command.ExecuteScalar()!;

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
