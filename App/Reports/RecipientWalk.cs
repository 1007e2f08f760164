using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>
/// How a list of recipients is walked: along an index that no open or click ever changes, from a place, in either direction,
/// looking at a bounded number of rows. What is dense among them is found at once; what is sparse has an index or marked
/// blocks of its own; what is neither ends a page early, and the next goes on behind the last row looked at.
/// </summary>
/// <param name="Visits">Most rows looked at in one read.</param>
internal sealed record RecipientWalk(string Name, string Forth, string Back, string ForthEnd, string BackEnd, int Visits)
{
    /// <summary>Where every walk begins: before all ids.</summary>
    public const long Start = 0;

    /// <summary>Behind all ids, for a walk the other way round.</summary>
    public const long End = long.MaxValue;

    // 5 ms for rows in the order of their table, 5 ms for rows that each lie elsewhere.
    private const int InOrder = 10_000;
    private const int Scattered = 2_000;
    private const int Blocks = InOrder / ActivityBlock.Size;

    private const string Filters = "{filters} LIMIT $limit";

    /// <summary>Everyone, by id.</summary>
    private static readonly RecipientWalk s_everyone = OfStates("everyone", "message_state_campaign", "");

    private static readonly RecipientWalk s_waiting = OfStates("waiting", "message_state_waiting", " AND delivered_at = 0 AND bounced_at = 0 AND dropped_at = 0");

    private static readonly RecipientWalk s_link = Both(
        "link",
        InOrder,
        "SELECT message_id FROM link_clicks WHERE link_id = $link AND message_id {after} $from ORDER BY message_id{order}",
        part => $"""
            SELECT w.*, w.message_id AS place FROM ({part} LIMIT $visits) k CROSS JOIN message_state w ON w.message_id = k.message_id
            WHERE w.campaign_id = $campaign AND {Filters}
            """);

    // Bounds in both directions are whole: the row at the place itself is skipped by its id, for two may have one address.
    private static readonly RecipientWalk s_address = Both(
        "address",
        Scattered,
        """
        SELECT id FROM messages WHERE campaign_id = $campaign AND email >= $low AND email <= $high AND (email {after} $address OR id {after} $from)
        ORDER BY email{order}, id{order}
        """,
        part => $"""
            SELECT w.*, w.message_id AS place FROM ({part} LIMIT $visits) a CROSS JOIN message_state w ON w.message_id = a.id
            WHERE {Filters}
            """);

    // A message stands where its last event does: an event with a later one of its message is passed by.
    private static readonly RecipientWalk s_lastEvent = Both(
        "last_event",
        Scattered,
        "SELECT id, message_id FROM events WHERE campaign_id = $campaign AND id {after} $from ORDER BY id{order}",
        part => $"""
            SELECT w.*, e.id AS place FROM ({part} LIMIT $visits) e CROSS JOIN message_state w ON w.message_id = e.message_id
            WHERE NOT EXISTS (SELECT 1 FROM events later WHERE later.message_id = e.message_id AND later.id > e.id) AND {Filters}
            """);

    // One recipient, by the id the caller knows them by.
    private static readonly RecipientWalk s_person = Both(
        "person",
        InOrder,
        """
        SELECT m.id FROM contacts c CROSS JOIN messages m ON m.campaign_id = $campaign AND m.contact_id = c.id
        WHERE c.customer_id = $text AND m.id {after} $from ORDER BY m.id{order}
        """,
        part => $"SELECT w.*, w.message_id AS place FROM ({part} LIMIT $visits) p CROSS JOIN message_state w ON w.message_id = p.id WHERE {Filters}");

    private static readonly Dictionary<ActivityMark, RecipientWalk> s_marked =
        Enum.GetValues<ActivityMark>().Where(mark => mark != ActivityMark.None).ToDictionary(mark => mark, OfMark);

    public static RecipientWalk Person => s_person;

    /// <summary>The way through the fewest rows that serves the order.</summary>
    /// <param name="clickers">How many messages clicked the link of the filter.</param>
    public static RecipientWalk For(RecipientFilter filter, long? statusCount, long clickers) => filter switch
    {
        { Order: RecipientOrder.Address } => s_address,
        { Order: RecipientOrder.LastEvent } => s_lastEvent,
        { LinkId: not null, Status.Mark: not ActivityMark.None } when statusCount < clickers => s_marked[filter.Status.Mark],
        { LinkId: not null } => s_link,
        { Status.Waits: true } => s_waiting,
        { Status.Mark: not ActivityMark.None } => s_marked[filter.Status.Mark],
        _ => s_everyone,
    };

    /// <summary>Reads rows of message_state with their place.</summary>
    public string Rows(RecipientFilter filter, bool backwards)
    {
        // Only constants of this program come together here; values travel as parameters.
        var filters = filter.Status?.Condition ?? "1 = 1";
        if (filter.Variant is not null)
        {
            filters += " AND w.variant = $variant";
        }

        if (filter.LinkId is not null && this != s_link)
        {
            filters += " AND EXISTS (SELECT 1 FROM link_clicks l WHERE l.link_id = $link AND l.message_id = w.message_id)";
        }

        return (backwards ? Back : Forth).Replace("{filters}", filters, StringComparison.Ordinal);
    }

    private static RecipientWalk OfStates(string name, string index, string condition) => Both(
        name,
        InOrder,
        $"SELECT {{columns}} FROM message_state INDEXED BY {index} WHERE campaign_id = $campaign AND message_id {{after}} $from{condition} ORDER BY message_id{{order}}",
        part => $"SELECT w.*, w.message_id AS place FROM ({part.Replace("{columns}", "*", StringComparison.Ordinal)} LIMIT $visits) w WHERE {Filters}",
        part => part.Replace("{columns}", "message_id", StringComparison.Ordinal));

    // The last block is looked up first: a bound on rows, without a sort that would read them all.
    private static RecipientWalk OfMark(ActivityMark mark)
    {
        const string last = "SELECT block FROM activity_blocks WHERE campaign_id = $campaign AND mark = {mark} AND block {from} $from / {size} ORDER BY block{order} LIMIT 1 OFFSET $visits / {size} - 1";
        const string rows = $$"""
            SELECT w.*, w.message_id AS place FROM activity_blocks b
            CROSS JOIN message_state w ON w.message_id >= b.block * {size} AND w.message_id < b.block * {size} + {size}
            WHERE b.campaign_id = $campaign AND b.mark = {mark} AND b.block {from} $from / {size} AND b.block {to} coalesce(({{last}}), {farthest})
                AND +w.campaign_id = $campaign AND +w.message_id {after} $from AND {{Filters}}
            """;
        return new RecipientWalk(
            $"marked {mark}",
            Write(rows.Replace("{filters}", "{filters} ORDER BY b.block{order}, w.message_id{order}", StringComparison.Ordinal), backwards: false),
            Write(rows.Replace("{filters}", "{filters} ORDER BY b.block{order}, w.message_id{order}", StringComparison.Ordinal), backwards: true),
            Write($"SELECT block * {{size}} + {{size}} - 1 FROM ({last})", backwards: false),
            Write($"SELECT block * {{size}} FROM ({last})", backwards: true),
            Blocks * ActivityBlock.Size);

        string Write(string sql, bool backwards) => Turn(sql, backwards)
            .Replace("{mark}", $"{(int)mark}", StringComparison.Ordinal)
            .Replace("{size}", $"{ActivityBlock.Size}", StringComparison.Ordinal)
            .Replace("{from}", backwards ? "<=" : ">=", StringComparison.Ordinal)
            .Replace("{to}", backwards ? ">=" : "<=", StringComparison.Ordinal)
            .Replace("{farthest}", backwards ? "0" : $"{long.MaxValue}", StringComparison.Ordinal);
    }

    private static RecipientWalk Both(string name, int visits, string part, Func<string, string> rows, Func<string, string>? ends = null)
    {
        string End(bool backwards) => Turn(ends?.Invoke(part) ?? part, backwards) + " LIMIT 1 OFFSET $visits - 1";
        return new RecipientWalk(name, rows(Turn(part, false)), rows(Turn(part, true)), End(false), End(true), visits);
    }

    private static string Turn(string sql, bool backwards) => sql
        .Replace("{after}", backwards ? "<" : ">", StringComparison.Ordinal)
        .Replace("{order}", backwards ? " DESC" : "", StringComparison.Ordinal);
}
