using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>A list by its name, for pickers.</summary>
public sealed record ListName(long Id, string Name);

/// <summary>A segment or a list by its name, for pickers.</summary>
/// <param name="Id">seg_… or lst_….</param>
public sealed record AudienceName(string Id, string Name)
{
    /// <summary>Segments, then lists, each by name.</summary>
    internal static async Task<IReadOnlyList<AudienceName>> AllAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var segments = await db.Segments.OrderBy(segment => EF.Functions.Collate(segment.Name, "NOCASE")).Select(segment => new { segment.Id, segment.Name }).ToListAsync(cancellationToken);
        var lists = await ListQueries.NamesAsync(db, cancellationToken);
        return [.. segments.Select(segment => new AudienceName(PublicId.Segment(segment.Id), segment.Name)), .. lists.Select(list => new AudienceName(PublicId.List(list.Id), $"{list.Name} (list)"))];
    }
}

/// <summary>Lists with how many people are on each.</summary>
internal static class ListQueries
{
    /// <summary>As many as <paramref name="limit"/>, in the order they were made, behind an id.</summary>
    public static async Task<IReadOnlyList<ListAnswer>> RunAsync(ScoreDb db, long after, int limit, CancellationToken cancellationToken)
    {
        var lists = new List<ListAnswer>();
        await Sql.ReadAsync(
            db,
            """
            SELECT id, name, (SELECT count(*) FROM list_members WHERE list_id = lists.id), created_at FROM lists
            WHERE id > $after ORDER BY id LIMIT $limit
            """,
            [("$after", after), ("$limit", limit)],
            row => lists.Add(new ListAnswer(PublicId.List(row.GetInt64(0)), row.GetString(1), row.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))),
            cancellationToken);
        return lists;
    }

    /// <summary>Null without such a list.</summary>
    public static async Task<ListAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await RunAsync(db, id - 1, 1, cancellationToken) is [var found] && found.Id == PublicId.List(id) ? found : null;

    /// <summary>All there are, by name.</summary>
    public static async Task<IReadOnlyList<ListName>> NamesAsync(ScoreDb db, CancellationToken cancellationToken) =>
        await db.Lists.OrderBy(list => EF.Functions.Collate(list.Name, "NOCASE")).Select(list => new ListName(list.Id, list.Name)).ToListAsync(cancellationToken);

    /// <summary>The lists a person is on, by name.</summary>
    public static async Task<IReadOnlyList<Membership>> OfContactAsync(ScoreDb db, long contactId, CancellationToken cancellationToken)
    {
        var lists = new List<Membership>();
        await Sql.ReadAsync(
            db,
            """
            SELECT l.id, l.name, m.added_at FROM list_members m CROSS JOIN lists l ON l.id = m.list_id
            WHERE m.contact_id = $id ORDER BY l.name COLLATE NOCASE
            """,
            [("$id", contactId)],
            row => lists.Add(new Membership(PublicId.List(row.GetInt64(0)), row.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))),
            cancellationToken);
        return lists;
    }
}

/// <summary>A list somebody is on, and since when.</summary>
public sealed record Membership(string Id, string Name, DateTimeOffset AddedAt);
