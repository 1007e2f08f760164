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
    public static SegmentQuery Translate(SegmentRule rule, ScoreClock clock, string prefix = "s")
    {
        var parameters = new SegmentParameters(prefix);
        var where = new Writer(parameters, clock).Write(rule);
        return new SegmentQuery($"(({where}) AND segk.contact_id NOT IN (SELECT id FROM contacts WHERE deleted_at <> 0))", parameters.All);
    }

    private sealed class Writer(SegmentParameters parameters, ScoreClock clock)
    {
        private readonly EventSql _events = new(parameters, clock.Now);
        private readonly FieldSql _fields = new(parameters, clock);

        public string Write(SegmentRule rule) => rule switch
        {
            AllOf all => Join(" AND ", all.Rules),
            AnyOf any => Join(" OR ", any.Rules),
            NoneOf none => $"NOT ({Write(none.Rule)})",
            EventRule happened => happened.Done ? _events.Write(happened) : $"NOT ({_events.Write(happened)})",
            FieldRule field => _fields.Write(field),
            ListRule list => $"{(list.In ? "" : "NOT ")}EXISTS (SELECT 1 FROM list_members segl WHERE segl.list_id = {parameters.Add(list.ListId)} AND segl.contact_id = segk.contact_id)",
            _ => throw new ArgumentException($"no rule: {rule.GetType().Name}", nameof(rule)),
        };

        private string Join(string op, IReadOnlyList<SegmentRule> rules) => string.Join(op, rules.Select(rule => $"({Write(rule)})"));
    }
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
