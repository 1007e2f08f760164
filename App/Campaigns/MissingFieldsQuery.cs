using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>A merge field that some recipients have no value for.</summary>
/// <param name="Recipients">How many were looked at.</param>
/// <param name="Missing">How many of them have none, or a blank one.</param>
/// <param name="IsAll">False where the campaign has more recipients than are looked at.</param>
public sealed record MissingField(string Name, long Recipients, long Missing, bool IsAll);

/// <summary>How many recipients lack a value for a merge field that has no default and no condition around it.</summary>
internal static class MissingFieldsQuery
{
    /// <summary>So many recipients are looked at: a third of a second, and enough to say.</summary>
    public const int MostRecipients = 100_000;

    // Nobody writes more, and each costs a look into every contact's attributes.
    private const int MostFields = 20;

    /// <param name="needed">Names of the fields; the recipient's own address and unsubscribe link are always there.</param>
    /// <returns>One for each, in the same order; empty where the campaign has no recipients.</returns>
    public static async Task<IReadOnlyList<MissingField>> RunAsync(ScoreDb db, long campaignId, IReadOnlyList<string> needed, CancellationToken cancellationToken)
    {
        var names = needed.Where(name => name is not ("email" or MergeField.UnsubscribeUrl)).Take(MostFields).ToList();
        if (names.Count == 0)
        {
            return [];
        }

        await db.Database.OpenConnectionAsync(cancellationToken);
        await using var command = (SqliteCommand)db.Database.GetDbConnection().CreateCommand();
        var sums = new StringBuilder();
        for (var i = 0; i < names.Count; i++)
        {
            // The customer id is the recipient's, whatever an attribute of that name says.
            var known = names[i] == "customer_id" ? "c.customer_id, " : "";
            sums.Append(CultureInfo.InvariantCulture, $", sum(trim(coalesce({known}c.attributes ->> $field{i}, '')) = '')");
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"$field{i}"), $"$.\"{names[i]}\"");
        }

#pragma warning disable CA2100 // Numbers are all that is put together.
        command.CommandText = $"""
            SELECT count(*){sums}
            FROM (SELECT contact_id FROM messages WHERE campaign_id = $campaign LIMIT $most) m JOIN contacts c ON c.id = m.contact_id
            WHERE c.deleted_at = 0
            """;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$campaign", campaignId);
        command.Parameters.AddWithValue("$most", MostRecipients);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var recipients = reader.GetInt64(0);
        return recipients == 0 ? [] : [.. names.Select((name, i) => new MissingField(name, recipients, reader.GetInt64(i + 1), recipients < MostRecipients))];
    }
}
