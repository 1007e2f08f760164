using Microsoft.Data.Sqlite;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>The links of a campaign's contents, which clicks refer to by id.</summary>
internal static class CampaignLinks
{
    /// <summary>What the HTML callers bring themselves is stored as.</summary>
    public const string Own = "own";

    /// <summary>Finds or stores every link of these documents and notes its id.</summary>
    public static void Number(SqliteConnection connection, SqliteTransaction? transaction, long campaignId, IEnumerable<HtmlDocument> documents)
    {
        foreach (var document in documents)
        {
            document.LinkIds = Ids(connection, transaction, campaignId, document.Key, document.Links);
        }
    }

    /// <summary>Ids of the links, in order; those not stored yet are added.</summary>
    public static long[] Ids(SqliteConnection connection, SqliteTransaction? transaction, long campaignId, string content, IReadOnlyList<TemplateLink> links)
    {
        if (links.Count == 0)
        {
            return [];
        }

        // Looked up first: nearly always they are there, and a look-up takes no write lock.
        using var find = Command(connection, transaction, "SELECT id FROM links WHERE campaign_id = $1 AND content = $2 AND position = $3 AND url = $4", campaignId, content);
        using var add = Command(connection, transaction, """
            INSERT INTO links (campaign_id, content, position, url, label) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (campaign_id, content, position, url) WHERE campaign_id IS NOT NULL DO UPDATE SET label = excluded.label
            RETURNING id
            """, campaignId, content);
        add.Parameters.Add("$5", SqliteType.Text);
        var ids = new long[links.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            find.Parameters[2].Value = links[i].Position;
            find.Parameters[3].Value = links[i].Url;
            if (find.ExecuteScalar() is long known)
            {
                ids[i] = known;
                continue;
            }

            add.Parameters[2].Value = links[i].Position;
            add.Parameters[3].Value = links[i].Url;
            add.Parameters[4].Value = links[i].Label;
            ids[i] = (long)add.ExecuteScalar()!;
        }

        return ids;
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction? transaction, string sql, long campaignId, string content)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Both statements are constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$1", campaignId);
        command.Parameters.AddWithValue("$2", content);
        command.Parameters.Add("$3", SqliteType.Integer);
        command.Parameters.Add("$4", SqliteType.Text);
        return command;
    }
}
