using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Settings;

namespace ScoreTracking.Delivery;

/// <summary>A message taken from the queue.</summary>
/// <param name="FirstTriedAt">Unix milliseconds, 0 before the first attempt.</param>
internal readonly record struct TakenMail(long MessageId, long CampaignId, int Attempts, long FirstTriedAt);

/// <summary>Whose turn it is on one connection: single mails first, then the campaigns by turns, each in the order it was queued. Queues are for one caller at a time.</summary>
internal sealed class SendPlan(long connectionId, SqliteFile file, OrganizationSettings organization, InFlight inFlight, TimeProvider time)
{
    // Where each queue was read to: what lies before is in flight or settled. From the start again once the end was seen.
    private readonly Dictionary<long, (long At, long MessageId)> _read = [];

    // Messages whose conversations broke off, and how often in a row.
    private readonly ConcurrentDictionary<long, int> _broken = new();

    /// <summary>Whether mail of a campaign in this state leaves: also of one that is completed, whose soft bounces are tried again.</summary>
    public static bool Sends(string status) => status is CampaignStatus.Running or CampaignStatus.Testing or CampaignStatus.Completed;

    /// <summary>The queues that may have something to send: 0 for single mails, and the campaigns whose hours it is.</summary>
    public IReadOnlyList<long> Queues()
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT c.id, c.send_window FROM campaigns c
            WHERE c.delivery = 'smtp' AND c.connection_id = $connection AND c.status IN ('running', 'testing', 'completed') AND c.held_because = ''
                AND EXISTS (SELECT 1 FROM deliveries d WHERE d.campaign_id = c.id AND d.state = 1 AND d.next_at <= $now)
            ORDER BY c.id
            """;
        command.Parameters.AddWithValue("$connection", connectionId);
        command.Parameters.AddWithValue("$now", time.GetUtcNow().ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        var queues = new List<long> { 0 };
        while (reader.Read())
        {
            if (SendWindowBody.Read(reader.GetString(1))?.IsOpen(time.GetUtcNow(), organization.Current.Zone) ?? true)
            {
                queues.Add(reader.GetInt64(0));
            }
        }

        return queues;
    }

    /// <summary>Takes up to so many messages of one queue that are due; they are in flight from then on.</summary>
    public IReadOnlyList<TakenMail> Take(long campaignId, int most)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT message_id, attempts, first_tried_at, next_at FROM deliveries
            WHERE campaign_id = $campaign AND state = 1 AND next_at <= $now AND (next_at, message_id) > ($at, $message) AND connection_id = $connection
            ORDER BY next_at, message_id LIMIT $most
            """;
        command.Parameters.AddWithValue("$campaign", campaignId);
        command.Parameters.AddWithValue("$connection", connectionId);
        command.Parameters.AddWithValue("$now", time.GetUtcNow().ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$most", most);
        command.Parameters.Add("$at", SqliteType.Integer);
        command.Parameters.Add("$message", SqliteType.Integer);
        var taken = new List<TakenMail>();
        while (true)
        {
            var rows = 0;
            var (at, message) = _read.GetValueOrDefault(campaignId);
            (command.Parameters["$at"].Value, command.Parameters["$message"].Value) = (at, message);
            using (var reader = command.ExecuteReader())
            {
                while (reader.Read())
                {
                    rows++;
                    var row = new TakenMail(reader.GetInt64(0), campaignId, reader.GetInt32(1), reader.GetInt64(2));
                    _read[campaignId] = (reader.GetInt64(3), row.MessageId);
                    if (inFlight.Take(row.MessageId))
                    {
                        taken.Add(row);
                    }
                }
            }

            if (rows < most)
            {
                _read.Remove(campaignId);
                return taken;
            }

            if (taken.Count > 0)
            {
                return taken;
            }
        }
    }

    /// <summary>The conversation about a message broke off. From the second time in a row on others go first: it may be this mail the server cannot bear.</summary>
    public void Broke(long messageId)
    {
        var times = _broken.AddOrUpdate(messageId, 1, (_, before) => before + 1);
        if (times < 2)
        {
            return;
        }

        try
        {
            Postpone(messageId, TimeSpan.FromMinutes(Math.Min(1 << Math.Min(times - 2, 6), 60)));
        }
        catch (SqliteException)
        {
            // Busy: it keeps its place, and is none the worse for it.
        }
    }

    /// <summary>The server answered about a message.</summary>
    public void Answered(long messageId) => _broken.TryRemove(messageId, out _);

    private void Postpone(long messageId, TimeSpan by)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE deliveries SET next_at = $next WHERE message_id = $message AND state = 1";
        command.Parameters.AddWithValue("$message", messageId);
        command.Parameters.AddWithValue("$next", (time.GetUtcNow() + by).ToUnixTimeMilliseconds());
        command.ExecuteNonQuery();
    }
}
