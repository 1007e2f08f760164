using System.Globalization;
using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Segments;

/// <summary>A rule as SQL. Texts of a rule travel as parameters; what is joined to SQL is this program's own.</summary>
/// <param name="Where">About one person: a row of <see cref="From"/>. True or false, never null.</param>
/// <param name="Parameters">Named <c>$s0</c>, <c>$s1</c> … with the prefix the query was translated with.</param>
public sealed record SegmentQuery(string Where, IReadOnlyList<(string Name, object Value)> Parameters)
{
    /// <summary>What <see cref="Where"/> is about. SQLite leaves out the contacts, which are wide, where the rule does not ask for them.</summary>
    public const string From = "contact_state segk NOT INDEXED LEFT JOIN contacts segc ON segc.id = segk.contact_id";

    /// <summary>The ids of all members.</summary>
    public string Members => $"SELECT segk.contact_id FROM {From} WHERE {Where}";

    /// <summary>A condition on one contact within another statement.</summary>
    /// <param name="contactId">Its id there, such as <c>c.id</c>; not the names segk and segc.</param>
    public string Has(string contactId) => $"EXISTS (SELECT 1 FROM {From} WHERE segk.contact_id = {contactId} AND {Where})";
}

/// <summary>What rules mean.</summary>
public static class SegmentSql
{
    /// <summary>Deleted people belong to no segment; suppressed ones do, unless the rule says otherwise.</summary>
    /// <param name="clock">The moment rules look back from, and what scores are worth then.</param>
    /// <param name="prefix">Of the parameters, where several rules stand in one statement.</param>
    public static SegmentQuery Translate(SegmentRule rule, ScoreClock clock, string prefix = "s") => Translate(rule, clock, prefix, SegmentScope.Contact);

    /// <summary>For a statement that looks at the contacts behind <c>$after</c> up to <c>$until</c>, and so may begin with the people of a list or a campaign.</summary>
    internal static SegmentQuery TranslateRanged(SegmentRule rule, ScoreClock clock) => Translate(rule, clock, "s", SegmentScope.Page);

    /// <summary>That the contact was not deleted.</summary>
    internal static string Alive(string contactId, SegmentScope scope) => scope == SegmentScope.Contact
        ? $"NOT EXISTS (SELECT 1 FROM contacts segd INDEXED BY contacts_deleted WHERE segd.id = {contactId} AND segd.deleted_at <> 0)"

        // Asked once for the range, in which mostly nobody is deleted.
        : $"(NOT EXISTS ({DeletedInRange}) OR {contactId} NOT IN ({DeletedInRange}))";

    /// <summary>That a row is about the contact at hand, or about one of those that are looked at.</summary>
    internal static string Range(string contactId, SegmentScope scope) => scope == SegmentScope.Contact ? $"{contactId} = segk.contact_id" : InRange(contactId);

    /// <summary>That a contact is one of those that are looked at.</summary>
    internal static string InRange(string contactId) => $"{contactId} > $after AND {contactId} <= $until";

    private const string DeletedInRange = "SELECT segd.id FROM contacts segd INDEXED BY contacts_deleted WHERE segd.deleted_at <> 0 AND segd.id > $after AND segd.id <= $until";

    private static SegmentQuery Translate(SegmentRule rule, ScoreClock clock, string prefix, SegmentScope scope)
    {
        var parameters = new SegmentParameters(prefix);
        var where = new SegmentWriter(parameters, clock, scope, sets: null).Write(rule);
        return new SegmentQuery($"(({where}) AND {Alive("segk.contact_id", scope)})", parameters.All);
    }
}

/// <summary>Writes the conditions of a rule, one below the other.</summary>
/// <param name="sets">Null except in a count.</param>
internal sealed class SegmentWriter(SegmentParameters parameters, ScoreClock clock, SegmentScope scope, SegmentSets? sets)
{
    private readonly FieldSql _fields = new(parameters, clock);

    public EventSql Events { get; } = new(parameters, clock.Now, scope, sets);

    public string Write(SegmentRule rule) => rule switch
    {
        AllOf all => Join(" AND ", all.Rules),
        AnyOf any => Join(" OR ", any.Rules),
        NoneOf none => $"NOT ({Write(none.Rule)})",
        EventRule happened => happened.Done ? Events.Write(happened) : $"NOT ({Events.Write(happened)})",
        FieldRule field => _fields.Write(field),
        ListRule list => $"segk.contact_id {(list.In ? "" : "NOT ")}IN (SELECT segl.contact_id FROM list_members segl WHERE segl.list_id = {parameters.Add(list.ListId)} AND {SegmentSql.Range("segl.contact_id", scope)})",
        _ => throw new ArgumentException($"no rule: {rule.GetType().Name}", nameof(rule)),
    };

    // The sort keeps the order of equals.
    private string Join(string op, IReadOnlyList<SegmentRule> rules) => string.Join(op, rules.OrderBy(SegmentCost.Of).Select(rule => $"({Write(rule)})"));
}

/// <summary>The values of a statement, each under a name of its own.</summary>
internal sealed class SegmentParameters(string prefix)
{
    private readonly List<(string Name, object Value)> _all = [];

    public IReadOnlyList<(string Name, object Value)> All => _all;

    /// <returns>How the value is called in the statement.</returns>
    public string Add(object value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"${prefix}{_all.Count}");
        _all.Add((name, value));
        return name;
    }
}
