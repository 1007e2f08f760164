using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Segments;

/// <summary>Somebody in a segment, as its pages show them.</summary>
/// <param name="Score">0 to 100, as of now.</param>
/// <param name="SuppressedFor">Why the address gets no mail; null where it does.</param>
public sealed record SegmentPerson(string Id, string? CustomerId, string Email, double Score, string? SuppressedFor, DateTimeOffset CreatedAt);

/// <summary>Reads people by their numbers.</summary>
internal static class SegmentPeople
{
    /// <returns>In the order of their ids; whoever is gone is missing.</returns>
    public static async Task<IReadOnlyList<SegmentPerson>> ReadAsync(ScoreDb db, IReadOnlyList<long> contacts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (contacts.Count == 0)
        {
            return [];
        }

        var clock = await ScoreClock.ReadAsync(db, now, cancellationToken);
        var people = new List<SegmentPerson>(contacts.Count);
        await Sql.ReadAsync(
            db,
            """
            SELECT c.id, c.customer_id, c.email, k.rank, s.reason, c.created_at FROM json_each($ids) wanted
            CROSS JOIN contacts c ON c.id = wanted.value CROSS JOIN contact_state k ON k.contact_id = c.id LEFT JOIN suppressions s ON s.email = c.email
            WHERE c.deleted_at = 0 ORDER BY c.id
            """,
            [("$ids", JsonSerializer.Serialize(contacts))],
            row => people.Add(new SegmentPerson(
                PublicId.Contact(row.GetInt64(0)),
                row.IsDBNull(1) ? null : row.GetString(1),
                row.GetString(2),
                clock.Shown(row.IsDBNull(3) ? null : row.GetDouble(3)),
                row.IsDBNull(4) ? null : row.GetString(4),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)))),
            cancellationToken);
        return people;
    }
}
