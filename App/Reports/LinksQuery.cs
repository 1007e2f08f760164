using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>One link position.</summary>
/// <param name="Content">The html level it stands in, "" without a test, "own" where the caller brought the HTML.</param>
/// <param name="UniqueClicks">Messages whose person clicked this position.</param>
/// <param name="Ctr">Unique clicks of what the campaign sent.</param>
/// <param name="AnonymousClicks">Counted while the organization tracked nobody by name; in no other figure.</param>
public sealed record LinkRow(string Id, string Url, string Label, int Position, string Content, long TotalClicks, long UniqueClicks, Ratio Ctr, long AnonymousClicks = 0);

/// <summary>A URL over all its positions. Totals only: who clicked the image and the button is one person, which per-position uniques cannot tell.</summary>
/// <param name="Links">How many positions it stands in.</param>
public sealed record UrlRow(string Url, long Links, long TotalClicks);

/// <param name="Data">Most unique clicks first, at most <see cref="LinksQuery.MaxRows"/>; links nobody clicked are in it.</param>
/// <param name="ByUrl">Most clicks first, at most as many.</param>
/// <param name="Count">All links of the campaign.</param>
public sealed record LinksReport(IReadOnlyList<LinkRow> Data, IReadOnlyList<UrlRow> ByUrl, long Count);

public static class LinksQuery
{
    /// <summary>A newsletter has dozens; a caller who brings a different HTML for each recipient can make many more.</summary>
    public const int MaxRows = 500;

    private const string Clicks = """
        WITH clicked AS (
            SELECT CAST(key AS INTEGER) AS id, total, uniq FROM counters
            WHERE campaign_id = $campaign AND dimension = $link AND type = $clicked AND verdict = $person)
        """;

    private const string ByPosition = Clicks + """

        SELECT l.id, l.url, l.label, l.position, l.content, coalesce(c.total, 0) AS total, coalesce(c.uniq, 0) AS uniq, count(*) OVER (), coalesce(a.total, 0)
        FROM links l LEFT JOIN clicked c ON c.id = l.id
        LEFT JOIN anonymous_hits a ON a.campaign_id = l.campaign_id AND a.type = $clicked AND a.link_id = l.id AND a.verdict = $human
        WHERE l.campaign_id = $campaign
        ORDER BY uniq DESC, total DESC, l.content, l.position, l.id LIMIT $rows
        """;

    private const string ByAddress = Clicks + """

        SELECT l.url, count(*), coalesce(sum(c.total), 0) AS total
        FROM links l LEFT JOIN clicked c ON c.id = l.id
        WHERE l.campaign_id = $campaign
        GROUP BY l.url ORDER BY total DESC, l.url LIMIT $rows
        """;

    private const string Sent = """
        SELECT uniq FROM counters WHERE campaign_id = $campaign AND dimension = $summary AND key = '' AND type = $sent AND verdict = 0
        """;

    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<LinksReport> Live(long campaignId) => new(
        LiveTopic.Campaign(campaignId), "links", (db, token) => RunAsync(db, campaignId, token));

    /// <summary>Empty for an unknown campaign.</summary>
    public static async Task<LinksReport> RunAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        (string, object)[] parameters =
        [
            ("$campaign", campaignId), ("$link", Dimension.Link.Name), ("$rows", MaxRows),
            ("$clicked", (int)EventType.Clicked), ("$person", (int)VerdictGroup.Person),
            ("$human", (int)Verdict.Human),
        ];
        var sent = 0L;
        var count = 0L;
        var links = new List<LinkRow>();
        var urls = new List<UrlRow>();

        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(
            db, Sent, [("$campaign", campaignId), ("$summary", Dimension.Summary.Name), ("$sent", (int)EventType.Sent)], row => sent = row.GetInt64(0), cancellationToken);
        await Sql.ReadAsync(db, ByPosition, parameters, row =>
        {
            count = row.GetInt64(7);
            links.Add(new LinkRow(
                PublicId.Link(row.GetInt64(0)), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetString(4),
                row.GetInt64(5), row.GetInt64(6), new Ratio(row.GetInt64(6), sent), row.GetInt64(8)));
        }, cancellationToken);
        await Sql.ReadAsync(db, ByAddress, parameters, row => urls.Add(new UrlRow(row.GetString(0), row.GetInt64(1), row.GetInt64(2))), cancellationToken);
        return new LinksReport(links, urls, count);
    }
}
