using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>One of a campaign's contents.</summary>
/// <param name="Key">The html level, "" without a test of the content.</param>
public sealed record MapContent(string Key, long Clicks);

/// <summary>One link of a content, where it stands in it.</summary>
public sealed record MapLink(string Id, int Position, string Label, string Url, long TotalClicks, long UniqueClicks);

/// <summary>How the clicks of one content fall on its links.</summary>
/// <param name="Contents">All that can be shown: HTML a caller brought for a single recipient is not kept.</param>
/// <param name="OwnClicks">Clicks in such HTML, which no map shows.</param>
/// <param name="Content">The chosen one, else the first; null where there is none.</param>
/// <param name="Links">Of the chosen content, most clicks first, at most <see cref="ClickMapQuery.MaxLinks"/>.</param>
public sealed record ClickMap(IReadOnlyList<MapContent> Contents, long OwnClicks, MapContent? Content, IReadOnlyList<MapLink> Links);

public static class ClickMapQuery
{
    /// <summary>More chips than that would cover the mail they are about.</summary>
    public const int MaxLinks = 200;

    /// <summary>As <see cref="Link.Content"/> says that the caller brought the HTML.</summary>
    private const string Own = "own";

    private const string Clicked = """
        WITH clicked AS (
            SELECT CAST(key AS INTEGER) AS id, total, uniq FROM counters
            WHERE campaign_id = $campaign AND dimension = $link AND type = $clicked AND verdict = $person)
        """;

    private const string Contents = Clicked + """

        SELECT l.content, coalesce(sum(c.total), 0) FROM links l LEFT JOIN clicked c ON c.id = l.id
        WHERE l.campaign_id = $campaign GROUP BY l.content ORDER BY l.content
        """;

    private const string Links = Clicked + """

        SELECT l.id, l.position, l.label, l.url, coalesce(c.total, 0) AS total, coalesce(c.uniq, 0)
        FROM links l LEFT JOIN clicked c ON c.id = l.id
        WHERE l.campaign_id = $campaign AND l.content = $content ORDER BY total DESC, l.position LIMIT $rows
        """;

    private const string Source = "SELECT html, ab_test FROM campaigns WHERE id = $campaign";

    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<ClickMap> Live(long campaignId, string? content) => new(
        LiveTopic.Campaign(campaignId), ("click map", content), (db, token) => RunAsync(db, campaignId, content, token));

    /// <param name="content">Which content; one there is none of means the first.</param>
    public static async Task<ClickMap> RunAsync(ScoreDb db, long campaignId, string? content, CancellationToken cancellationToken)
    {
        (string, object)[] parameters =
        [
            ("$campaign", campaignId), ("$link", Dimension.Link.Name), ("$clicked", (int)EventType.Clicked), ("$person", (int)VerdictGroup.Person),
        ];
        var contents = new List<MapContent>();
        var own = 0L;

        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(db, Contents, parameters, row =>
        {
            if (row.GetString(0) == Own)
            {
                own = row.GetInt64(1);
            }
            else
            {
                contents.Add(new MapContent(row.GetString(0), row.GetInt64(1)));
            }
        }, cancellationToken);
        var chosen = contents.FirstOrDefault(one => one.Key == content) ?? contents.FirstOrDefault();
        var links = new List<MapLink>();
        if (chosen is not null)
        {
            await Sql.ReadAsync(
                db,
                Links,
                [.. parameters, ("$content", chosen.Key), ("$rows", MaxLinks)],
                row => links.Add(new MapLink(
                    PublicId.Link(row.GetInt64(0)), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5))),
                cancellationToken);
        }

        return new ClickMap(contents, own, chosen, links);
    }

    /// <summary>The HTML of a content as it was written; null when there is no such campaign or content.</summary>
    public static async Task<string?> HtmlAsync(ScoreDb db, long campaignId, string content, CancellationToken cancellationToken)
    {
        string? html = null;
        await Sql.ReadAsync(
            db,
            Source,
            [("$campaign", campaignId)],
            row => html = content.Length == 0 ? row.GetString(0) : row.IsDBNull(1) ? null : Level(row.GetString(1), content),
            cancellationToken);
        return html;
    }

    private static string? Level(string abTest, string key)
    {
        using var test = JsonDocument.Parse(abTest);
        if (!test.RootElement.TryGetProperty("factors", out var factors) || factors.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        foreach (var factor in factors.EnumerateArray().Where(factor => factor.GetProperty("field").ValueEquals("html")))
        {
            foreach (var level in factor.GetProperty("levels").EnumerateArray().Where(level => level.GetProperty("key").ValueEquals(key)))
            {
                return level.GetProperty("value").GetString();
            }
        }

        return null;
    }
}
