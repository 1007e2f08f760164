using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>What people's opens or clicks divide into, one row per counter.</summary>
/// <param name="Key">As the counter has it: "" for not known, <see cref="Dimension.Proxied"/> behind an image proxy.</param>
/// <param name="Messages">Messages with at least one; a message opened in two places is in both.</param>
internal sealed record HitShare(string Key, long Messages, long Events);

/// <summary>Rows of one dimension, and what they are of.</summary>
/// <param name="Rows">Most messages first, at most <see cref="HitShares.MaxRows"/> besides the two of what is not known.</param>
/// <param name="Count">All rows.</param>
/// <param name="Messages">Over all rows, so that shares of it add up to one.</param>
internal sealed record HitSharesReport(IReadOnlyList<HitShare> Rows, long Count, long Messages);

/// <summary>Reads the dimensions that slice people's hits: places, clients, devices.</summary>
internal static class HitShares
{
    public const int MaxRows = 500;

    // What is not known stays, however small it is.
    private const string Statement = """
        SELECT key, uniq, total, count(*) OVER (), sum(uniq) OVER () FROM counters
        WHERE campaign_id = $campaign AND dimension = $dimension AND type = $type AND verdict = $person AND (uniq <> 0 OR total <> 0)
        ORDER BY key IN ('', '0', $proxied) DESC, uniq DESC, total DESC, key LIMIT $rows
        """;

    /// <param name="type">Opened or clicked.</param>
    public static async Task<HitSharesReport> RunAsync(ScoreDb db, long campaignId, Dimension dimension, EventType type, CancellationToken cancellationToken)
    {
        var rows = new List<HitShare>();
        var (count, messages) = (0L, 0L);
        await Sql.ReadAsync(
            db,
            Statement,
            [
                ("$campaign", campaignId), ("$dimension", dimension.Name), ("$type", (int)type), ("$person", (int)VerdictGroup.Person),
                ("$proxied", Dimension.Proxied), ("$rows", MaxRows + 2),
            ],
            row =>
            {
                rows.Add(new HitShare(row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
                (count, messages) = (row.GetInt64(3), row.GetInt64(4));
            },
            cancellationToken);
        return new HitSharesReport(rows, count, messages);
    }

    /// <summary>Reads <c>?event=open|click</c>, open without it; a wrong one lands in <paramref name="errors"/>.</summary>
    public static EventType TypeOf(string? name, Dictionary<string, string[]> errors)
    {
        if (name is not (null or "open" or "click"))
        {
            errors["event"] = ["must be open or click"];
        }

        return name == "click" ? EventType.Clicked : EventType.Opened;
    }
}
