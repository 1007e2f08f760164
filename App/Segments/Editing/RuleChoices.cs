using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Segments.Editing;

/// <summary>What a rule can be made of: lists, and attributes people carry.</summary>
public sealed record RuleChoices(IReadOnlyList<ListName> Lists, IReadOnlyList<string> Attributes)
{
    /// <summary>People looked at for attributes: the latest, in a few milliseconds however many there are.</summary>
    public const int People = 2_000;

    public const int MaxAttributes = 200;
    public const int MaxValues = 20;

    public static RuleChoices None { get; } = new([], []);

    public static async Task<RuleChoices> ReadAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var attributes = new List<string>();
        await Sql.ReadAsync(
            db,
            """
            SELECT DISTINCT known.key FROM (SELECT attributes FROM contacts WHERE deleted_at = 0 ORDER BY id DESC LIMIT $people) people, json_each(people.attributes) known
            ORDER BY known.key COLLATE NOCASE LIMIT $limit
            """,
            [("$people", People), ("$limit", MaxAttributes)],
            row => attributes.Add(row.GetString(0)),
            cancellationToken);
        return new RuleChoices(await ListQueries.NamesAsync(db, cancellationToken), attributes);
    }

    /// <summary>What an attribute often holds, the most frequent first.</summary>
    public static async Task<IReadOnlyList<string>> ValuesAsync(ScoreDb db, string attribute, CancellationToken cancellationToken)
    {
        var values = new List<string>();
        await Sql.ReadAsync(
            db,
            """
            SELECT CAST(known.value AS TEXT) FROM (SELECT attributes FROM contacts WHERE deleted_at = 0 ORDER BY id DESC LIMIT $people) people, json_each(people.attributes) known
            WHERE known.key = $name AND known.type IN ('text', 'integer', 'real') AND length(known.value) BETWEEN 1 AND 60
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $limit
            """,
            [("$people", People), ("$name", attribute), ("$limit", MaxValues)],
            row => values.Add(row.GetString(0)),
            cancellationToken);
        return values;
    }

    /// <summary>Campaigns by a part of their name or by their id, the latest first.</summary>
    public static async Task<IReadOnlyList<CampaignChoice>> CampaignsAsync(ScoreDb db, string text, int limit, CancellationToken cancellationToken)
    {
        var wanted = text.Trim();
        var id = Api.PublicId.TryCampaign(wanted, out var named) ? named : 0;
        var pattern = $"%{wanted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
        return await db.Campaigns
            .Where(campaign => wanted == "" || campaign.Id == id || EF.Functions.Like(campaign.Name, pattern, "\\"))
            .OrderByDescending(campaign => campaign.Id)
            .Select(campaign => new CampaignChoice(campaign.Id, campaign.Name))
            .Take(limit)
            .ToListAsync(cancellationToken);
    }
}

public sealed record CampaignChoice(long Id, string Name);
