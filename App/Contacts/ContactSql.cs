using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>What is known of a person before what a caller says of them is written.</summary>
/// <param name="SuppressedFor">Why the address given may not be mailed; null when it may.</param>
/// <param name="Id">0 when the person is new.</param>
/// <param name="Merged">The attributes with what the caller brings merged in.</param>
/// <param name="RefusedTopics">As stored, to be read by <see cref="Topics"/>.</param>
/// <param name="IsErased">The address is that of somebody who was erased: they do not come back.</param>
/// <param name="IsDeleted">The contact was deleted; whoever brings it again makes it one again.</param>
internal readonly record struct FoundContact(
    string? SuppressedFor, long Id, string? CustomerId, string Email, string Attributes, string Merged, TrackingConsent Consent, long ConsentAt,
    string ConsentMethod, string RefusedTopics, bool IsErased, bool IsDeleted)
{
    public bool IsKnown => Id != 0;

    /// <summary>The consent once the row is written. What the person refused on our own page, a list that says otherwise does not overrule.</summary>
    public TrackingConsent ConsentWith(in ContactRow row) =>
        Consent == TrackingConsent.Denied && ConsentMethod == ConsentMethods.OwnChoice ? Consent : row.Consent ?? Consent;

    public bool Differs(in ContactRow row) =>
        IsDeleted
        || Consent != ConsentWith(row)
        || (row.CustomerId is not null && row.CustomerId != CustomerId)
        || !string.Equals(Email, row.Email, StringComparison.OrdinalIgnoreCase)
        || !string.Equals(Attributes, Merged, StringComparison.Ordinal);
}

/// <summary>Finds, adds and changes people inside a caller's transaction, which <paramref name="commands"/> has entered.</summary>
internal sealed class ContactSql(PreparedCommands commands, ErasedPeople erased)
{
    /// <summary>
    /// Looks for a person by customer id, else by address. An address without a customer id so far belongs to whoever brings
    /// one; the same address under two customer ids is two people.
    /// </summary>
    public FoundContact Find(in ContactRow row)
    {
        const string sql = """
            SELECT s.reason, c.id, c.customer_id, c.email, c.attributes, json_patch(coalesce(c.attributes, '{}'), $3), c.tracking_consent, c.consent_at,
                   c.consent_method, c.refused_topics, e.erased_at, c.deleted_at
            FROM (SELECT 1)
            LEFT JOIN suppressions s ON s.email = $2
            LEFT JOIN erased_people e ON e.hash = $4
            LEFT JOIN contacts c ON c.id = coalesce(
                (SELECT id FROM contacts WHERE customer_id = $1),
                (SELECT id FROM contacts WHERE email = $2 AND ($1 IS NULL OR customer_id IS NULL) ORDER BY customer_id IS NOT NULL, id LIMIT 1))
            """;
        using var reader = commands.Command(sql, row.CustomerId, row.Email, row.Data, erased.HashOf(row.Email)).ExecuteReader();
        reader.Read();
        var known = !reader.IsDBNull(1);
        var isErased = !reader.IsDBNull(10);
        return new FoundContact(
            SuppressedFor: Text(reader, 0) ?? (isErased ? SuppressionLookup.ErasedReason : null),
            Id: known ? reader.GetInt64(1) : 0,
            CustomerId: Text(reader, 2),
            Email: Text(reader, 3) ?? "",
            Attributes: Text(reader, 4) ?? ContactRow.NoData,
            Merged: reader.GetString(5),
            Consent: known ? (TrackingConsent)reader.GetInt64(6) : TrackingConsent.Unknown,
            ConsentAt: known ? reader.GetInt64(7) : 0,
            ConsentMethod: Text(reader, 8) ?? "",
            RefusedTopics: Text(reader, 9) ?? Topics.None,
            IsErased: isErased,
            IsDeleted: known && reader.GetInt64(11) != 0);
    }

    /// <summary>Adds the person, or changes what differs; suppressed or not.</summary>
    /// <param name="now">Unix milliseconds.</param>
    /// <returns>The contact's id; 0 where the address is an erased person's, of whom nothing is written.</returns>
    public long Write(in FoundContact found, in ContactRow row, long now)
    {
        if (found.IsErased)
        {
            return 0;
        }

        if (!found.IsKnown)
        {
            return Insert(row, found.Merged, now);
        }

        if (found.Differs(row))
        {
            Update(found, row, now);
        }

        return found.Id;
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private long Insert(in ContactRow row, string attributes, long now) => commands.Id(
        "INSERT INTO contacts (customer_id, email, attributes, tracking_consent, consent_at, consent_method, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        row.CustomerId, row.Email, attributes, (long)(row.Consent ?? TrackingConsent.Unknown), row.Consent is null ? 0 : now, row.Consent is null ? "" : row.ConsentMethod, now);

    private void Update(in FoundContact found, in ContactRow row, long now)
    {
        commands.Command("UPDATE contacts SET customer_id = coalesce($2, customer_id), email = $3, attributes = $4, deleted_at = 0 WHERE id = $1", found.Id, row.CustomerId, row.Email, found.Merged)
            .ExecuteNonQuery();
        var consent = found.ConsentWith(row);
        if (consent != found.Consent)
        {
            commands.Command("UPDATE contacts SET tracking_consent = $2, consent_at = $3, consent_method = $4, consent_wording = '' WHERE id = $1", found.Id, (long)consent, now, row.ConsentMethod)
                .ExecuteNonQuery();
        }
    }
}
