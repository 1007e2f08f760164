using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>What one person's mail led to, in messages.</summary>
/// <param name="Opened">Opened by a person, or clicked.</param>
public sealed record ContactFigures(long Messages, long Opened, long Clicked, long Replied, long Bounced);

/// <summary>A person with what their page shows above the timeline.</summary>
public sealed record ContactView(ContactAnswer Contact, ContactFigures Figures, ScoreReasons Reasons, IReadOnlyList<Membership> Lists);

/// <summary>Reads one contact.</summary>
internal static class ContactQuery
{
    /// <summary>The id of a contact named by its own id or by the caller's; null without such a contact.</summary>
    public static async Task<long?> FindAsync(ScoreDb db, string name, CancellationToken cancellationToken)
    {
        long? found = null;
        var (sql, value) = PublicId.TryContact(name, out var id)
            ? ("SELECT id FROM contacts WHERE id = $name AND deleted_at = 0", (object)id)
            : ("SELECT id FROM contacts WHERE customer_id = $name", name);
        await Sql.ReadAsync(db, sql, [("$name", value)], row => found = row.GetInt64(0), cancellationToken);
        return found;
    }

    public static async Task<ContactAnswer?> RunAsync(ScoreDb db, SuppressionCheck suppressions, long id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var score = await ScoreClock.ReadAsync(db, now, cancellationToken);
        ContactAnswer? contact = null;
        await Sql.ReadAsync(
            db,
            $"SELECT {ContactAnswer.Columns} FROM contacts c {ContactAnswer.Joins} WHERE c.id = $id AND c.deleted_at = 0",
            [("$id", id)],
            row => contact = ContactAnswer.Read(row, 0, score),
            cancellationToken);
        return contact is null ? null : (await ContactSuppressions.AddErasedAsync(suppressions, [contact], cancellationToken))[0];
    }

    /// <summary>Null once the contact is gone.</summary>
    public static async Task<ContactView?> ViewAsync(ScoreDb db, SuppressionCheck suppressions, long id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await RunAsync(db, suppressions, id, now, cancellationToken) is not { } contact)
        {
            return null;
        }

        var figures = new ContactFigures(0, 0, 0, 0, 0);
        await Sql.ReadAsync(
            db,
            """
            SELECT count(*), coalesce(sum(s.confirmed_at > 0), 0), coalesce(sum(s.clicked_at > 0), 0), coalesce(sum(s.replied_at > 0), 0), coalesce(sum(s.bounced_at > 0), 0)
            FROM messages m CROSS JOIN message_state s ON s.message_id = m.id WHERE m.contact_id = $id
            """,
            [("$id", id)],
            row => figures = new ContactFigures(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)),
            cancellationToken);
        var reasons = await ScoreReasonsQuery.RunAsync(db, id, await ScoreClock.ReadAsync(db, now, cancellationToken), cancellationToken);
        return new ContactView(contact, figures, reasons, await ListQueries.OfContactAsync(db, id, cancellationToken));
    }
}
