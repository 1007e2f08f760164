using ScoreTracking.Engagement;

namespace ScoreTracking.Segments;

/// <summary>A rule as a statement that counts the members behind <c>$after</c> up to <c>$until</c>.</summary>
/// <param name="Sets">Run once before the first range.</param>
internal sealed record SegmentCountQuery(IReadOnlyList<string> Sets, string Sql, IReadOnlyList<(string Name, object Value)> Parameters)
{
    /// <summary>Begins with the recipients of a campaign where all members are among them, or all others are, and with everybody elsewhere.</summary>
    public static SegmentCountQuery Of(SegmentRule rule, ScoreClock clock)
    {
        var parameters = new SegmentParameters("s");
        var sets = new SegmentSets();
        var writer = new SegmentWriter(parameters, clock, SegmentScope.Count, sets);
        var (positive, without) = Turn(rule);
        var alive = SegmentSql.Alive("segk.contact_id", SegmentScope.Count);
        if (Recipients(positive, writer) is not { } recipients)
        {
            var where = writer.Write(rule);
            return new SegmentCountQuery([.. sets.Statements], $"SELECT count(*) FROM {SegmentQuery.From} WHERE {SegmentSql.InRange("segk.contact_id")} AND ({where}) AND {alive}", parameters.All);
        }

        // Those it does not hold for are all others.
        var sql = without ? $"SELECT (SELECT count(*) FROM contact_state segk NOT INDEXED WHERE {SegmentSql.InRange("segk.contact_id")} AND {alive}) - ({recipients})" : recipients;
        return new SegmentCountQuery([.. sets.Statements], sql, parameters.All);
    }

    private static string? Recipients(SegmentRule rule, SegmentWriter writer)
    {
        IReadOnlyList<SegmentRule> all = rule is AllOf group ? group.Rules : [rule];
        foreach (var happened in all.OfType<EventRule>())
        {
            if (writer.Events.Begin(happened) is not { } begun)
            {
                continue;
            }

            var others = all.Where(other => other != happened).ToList();
            return others.Count == 0
                ? $"SELECT count(*) FROM {begun.From} WHERE {begun.Where} AND {SegmentSql.Alive("segm.contact_id", SegmentScope.Count)}"
                : $"""
                  SELECT count(*) FROM {begun.From} CROSS JOIN contact_state segk ON segk.contact_id = segm.contact_id LEFT JOIN contacts segc ON segc.id = segk.contact_id
                  WHERE {begun.Where} AND ({writer.Write(new AllOf(others))}) AND {SegmentSql.Alive("segk.contact_id", SegmentScope.Count)}
                  """;
        }

        return null;
    }

    // A rule without the negations around it, and whether those that are left turn it round.
    private static (SegmentRule Rule, bool Without) Turn(SegmentRule rule)
    {
        for (var without = false; ;)
        {
            switch (rule)
            {
                case NoneOf none:
                    (rule, without) = (none.Rule, !without);
                    break;
                case AllOf { Rules: [var only] }:
                    rule = only;
                    break;
                case AnyOf { Rules: [var only] }:
                    rule = only;
                    break;
                case EventRule { Done: false } happened:
                    (rule, without) = (happened with { Done = true }, !without);
                    break;
                default:
                    return (rule, without);
            }
        }
    }
}
