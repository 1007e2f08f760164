using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Contacts;

/// <summary>Where a list of contacts stands.</summary>
/// <param name="Rank">In the order by score; null for who has none.</param>
internal readonly record struct ContactPlace(double? Rank, long Id);

/// <summary>A stretch of the list that one statement walks.</summary>
/// <param name="From">The place to go on behind; null at its beginning.</param>
internal sealed record ContactPart(string Sql, ContactPlace? From);

/// <summary>
/// How the list of contacts is walked: along one index, from a place, in either direction, looking at a bounded number of
/// rows. What few of very many fit ends a page early, and the next goes on behind the last row looked at.
/// </summary>
internal static class ContactWalk
{
    /// <summary>Most rows looked at in one read: 5 ms for rows that each lie elsewhere.</summary>
    public const int Visits = 2_000;

    /// <summary>Behind every address that begins with a text: no character sorts after this one.</summary>
    public const string Behind = "\U0010FFFF";

    // One index holds all of it: those without a rank stand before the others. Equal ranks are a part of their own, since
    // only so the walk begins at its place among them: a file of events without times of day makes thousands.
    private const string Ranked = """
        SELECT contact_id AS id, rank FROM contact_state WHERE rank {after} $rank{bound} ORDER BY rank{order}, contact_id{order} LIMIT $visits
        """;

    private const string Tied = """
        SELECT contact_id AS id, rank FROM contact_state WHERE rank = $rank AND contact_id {after} $from ORDER BY contact_id{order} LIMIT $visits
        """;

    private const string Unranked = """
        SELECT contact_id AS id, rank FROM contact_state
        WHERE rank IS NULL AND contact_id {after} $from ORDER BY contact_id{order} LIMIT $visits
        """;

    private const string Created = "SELECT id, NULL AS rank FROM contacts WHERE id {after} $from ORDER BY id{order} LIMIT $visits";

    private const string Address = """
        SELECT id, NULL AS rank FROM contacts WHERE (email, id) {after} ($address, $from) AND email {until} ORDER BY email{order}, id{order} LIMIT $visits
        """;

    // What few addresses begin with is gathered and put in order: the same order, without walking past all the others.
    private const string Found = """
        SELECT id FROM contacts WHERE email >= $low AND email <= $high UNION SELECT id FROM contacts WHERE customer_id = $text
        """;

    private const string FoundRanked = $$"""
        SELECT f.id, fk.rank FROM ({{Found}}) f CROSS JOIN contact_state fk ON fk.contact_id = f.id
        WHERE (fk.rank, f.id) {after} ($rank, $from) ORDER BY fk.rank{order}, f.id{order} LIMIT $visits
        """;

    private const string FoundUnranked = $$"""
        SELECT f.id, fk.rank FROM ({{Found}}) f CROSS JOIN contact_state fk ON fk.contact_id = f.id
        WHERE fk.rank IS NULL AND f.id {after} $from ORDER BY f.id{order} LIMIT $visits
        """;

    private const string FoundCreated = $$"""
        SELECT f.id, NULL AS rank FROM ({{Found}}) f WHERE f.id {after} $from ORDER BY f.id{order} LIMIT $visits
        """;

    private const string FoundAddress = $$"""
        SELECT f.id, NULL AS rank FROM ({{Found}}) f CROSS JOIN contacts fc ON fc.id = f.id
        WHERE (fc.email, f.id) {after} ($address, $from) ORDER BY fc.email{order}, f.id{order} LIMIT $visits
        """;

    /// <summary>How many addresses begin with the text, as far as <see cref="Visits"/>.</summary>
    public const string FewStatement = "SELECT count(*) FROM (SELECT 1 FROM contacts WHERE email >= $low AND email <= $high LIMIT $visits)";

    /// <summary>The parts of the list in the order they are walked: with and without a rank where it is by score.</summary>
    /// <param name="few">Few enough addresses begin with the filter's text to be put in order.</param>
    /// <param name="down">From the greatest to the least.</param>
    /// <param name="from">The place to go on behind; null for the beginning.</param>
    public static IReadOnlyList<ContactPart> Parts(ContactFilter filter, bool few, bool down, ContactPlace? from)
    {
        var (ranked, unranked) = few ? (FoundRanked, FoundUnranked) : (Ranked, Unranked);
        IEnumerable<ContactPart> parts = (filter.Order, from) switch
        {
            (ContactOrder.Created, _) => [new(few ? FoundCreated : Created, from)],
            (ContactOrder.Address, _) => [new(few ? FoundAddress : Address, from)],
            (_, null) => down ? [new(ranked, null), new(unranked, null)] : [new(unranked, null), new(ranked, null)],
            (_, { Rank: null }) => down ? [new(unranked, from)] : [new(unranked, from), new(ranked, null)],
            _ => [.. few ? Array.Empty<ContactPart>() : [new(Tied, from)], new(ranked, from), .. down ? [new ContactPart(unranked, null)] : Array.Empty<ContactPart>()],
        };
        return [.. parts.Where(part => part.Sql != unranked || filter.MinScore is null or 0).Select(part => part with { Sql = Turn(part.Sql, filter, down) })];
    }

    /// <summary>Reads a part's rows as <see cref="ContactAnswer.Columns"/>, with id and rank before them.</summary>
    /// <param name="segment">The filter's rule as SQL.</param>
    public static string Rows(ContactFilter filter, bool few, ContactPart part, SegmentQuery? segment = null)
    {
        // Kept for the mail they got, and nobody any more.
        var filters = "c.deleted_at = 0";
        if (filter.Text is not null && !few)
        {
            filters += " AND c.email >= $low AND c.email <= $high";
        }

        if (filter.MinScore > 0)
        {
            filters += " AND k.rank >= $min";
        }

        if (filter.Consent is not null)
        {
            filters += " AND c.tracking_consent = $consent";
        }

        if (filter.Suppressed is { } suppressed)
        {
            filters += $" AND {(suppressed ? "" : "NOT ")}EXISTS (SELECT 1 FROM suppressions listed WHERE listed.email = c.email)";
        }

        if (segment is not null)
        {
            filters += $" AND {segment.Has("c.id")}";
        }

        return $"SELECT w.id, w.rank, {ContactAnswer.Columns} FROM ({part.Sql}) w CROSS JOIN contacts c ON c.id = w.id {ContactAnswer.Joins} WHERE {filters} LIMIT $limit";
    }

    /// <summary>The last row a part looked at, if it stopped there and not at its end.</summary>
    public static string End(ContactPart part) => $"SELECT id, rank FROM ({part.Sql}) LIMIT 1 OFFSET $visits - 1";

    /// <param name="address">Of the contact the place names, where the order is by address. It never stands in a cursor itself, because those stand in logs.</param>
    /// <param name="minRank">Negative infinity for any.</param>
    public static (string Name, object Value)[] Parameters(ContactFilter filter, bool few, bool down, ContactPart part, string? address, double minRank, int limit)
    {
        var (low, high) = (filter.Text ?? "", filter.Text + Behind);

        // Whoever is found by customer id may stand anywhere among the addresses.
        var (first, last) = few ? ("", Behind) : (low, high);
        return
        [
            ("$from", part.From?.Id ?? (down ? long.MaxValue : 0)),
            ("$rank", part.From?.Rank ?? (down ? double.PositiveInfinity : double.BitDecrement(minRank))),
            ("$min", minRank),
            ("$address", address ?? (down ? last : first)),
            ("$low", low),
            ("$high", high),
            ("$text", filter.Text ?? ""),
            ("$consent", (long)(filter.Consent ?? TrackingConsent.Unknown)),
            ("$visits", Math.Max(limit, Visits)),
            ("$limit", limit),
        ];
    }

    // Only constants of this program come together here; values travel as parameters.
    private static string Turn(string sql, ContactFilter filter, bool down) => sql
        .Replace("{after}", down ? "<" : ">", StringComparison.Ordinal)
        .Replace("{until}", down ? ">= $low" : "<= $high", StringComparison.Ordinal)
        .Replace("{bound}", down && filter.MinScore > 0 ? " AND rank >= $min" : "", StringComparison.Ordinal)
        .Replace("{order}", down ? " DESC" : "", StringComparison.Ordinal);
}
