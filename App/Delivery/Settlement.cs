using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Delivery;

/// <summary>Writes in the queue what came of attempts, once the log has it. Opened anew after a failure.</summary>
internal sealed class Settlement(SqliteFile file) : IDisposable
{
    // About 20 ms of the write lock.
    private const int MaxRows = 2_000;
    private const int MaxText = 1_000;

    private readonly Lock _lock = new();
    private WriteConnection? _connection;
    private Statement _sent = null!;
    private Statement _failed = null!;
    private Statement _deferred = null!;
    private Statement _uncertain = null!;
    private Statement _learn = null!;
    private Statement _known = null!;

    /// <summary>What the log already says of an attempt nobody else knows the end of, since a report was faster: sent, delivered, or null.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Ask again.</exception>
    public EventType? Reported(AttemptOutcome outcome)
    {
        using var turn = _lock.EnterScope();
        Open();
        return (EventType?)_known.Bind(1, outcome.Attempt.MessageId).Bind(2, outcome.At).Scalar();
    }

    /// <summary>Settles attempts in order. What was settled before, or has been queued anew since, is left as it is.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">Some may be settled, all may be tried again.</exception>
    public void Run(IReadOnlyList<AttemptOutcome> outcomes)
    {
        using var turn = _lock.EnterScope();
        try
        {
            Open();
            foreach (var chunk in outcomes.Chunk(MaxRows))
            {
                _connection!.Begin();
                Settle(chunk);
                _connection.Commit();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    // Whoever was accepted one after the other, as nearly all are, in one statement.
    private void Settle(ReadOnlySpan<AttemptOutcome> outcomes)
    {
        while (outcomes.Length > 0)
        {
            var number = outcomes[0].Attempt.Number;
            var accepted = 0;
            while (accepted < outcomes.Length && outcomes[accepted].End == AttemptEnd.Accepted && outcomes[accepted].Attempt.Number == number)
            {
                accepted++;
            }

            if (accepted > 0)
            {
                var messages = new long[accepted];
                for (var index = 0; index < accepted; index++)
                {
                    messages[index] = outcomes[index].Attempt.MessageId;
                }

                Array.Sort(messages);
                _sent.Bind(1, JsonSerializer.Serialize(messages)).Bind(2, number).Run();
            }
            else
            {
                Settle(outcomes[0]);
            }

            outcomes = outcomes[Math.Max(1, accepted)..];
        }
    }

    private void Settle(AttemptOutcome outcome)
    {
        switch (outcome.End)
        {
            case AttemptEnd.Deferred when HandOffEvents.NextAttempt(outcome) is { } next:
                Told(_deferred, outcome).Bind(8, next.ToUnixTimeMilliseconds()).Run();
                break;
            case AttemptEnd.Uncertain:
                Told(_uncertain, outcome).Run();
                if (outcome.Attempt.MimeId.Length > 0)
                {
                    _learn.Bind(1, outcome.Attempt.MessageId).Bind(2, outcome.Attempt.MimeId).Run();
                }

                break;
            case AttemptEnd.Refused or AttemptEnd.Deferred:
                Told(_failed, outcome).Bind(8, (long)DeliveryState.Failed).Run();
                break;
            case AttemptEnd.Dropped:
                Told(_failed, outcome).Bind(8, (long)DeliveryState.Withdrawn).Run();
                break;
            case AttemptEnd.Open or AttemptEnd.Accepted:
                break;
        }
    }

    private static Statement Told(Statement statement, AttemptOutcome outcome)
    {
        var (attempt, _, at, code, status, text, _) = outcome;
        return statement.Bind(1, attempt.MessageId).Bind(2, attempt.Number).Bind(3, attempt.FirstAt == 0 ? at : attempt.FirstAt).Bind(4, at)
            .Bind(5, code).Bind(6, status).Bind(7, text.Length > MaxText ? text[..MaxText] : text);
    }

    private void Open()
    {
        if (_connection is not null)
        {
            return;
        }

        // Only the event writer checkpoints.
        _connection = new WriteConnection(file, "synchronous=FULL", "wal_autocheckpoint=0", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-8000");
        // An uncertain attempt has its number already, and may still end.
        const string open = "(attempts < ?2 OR (attempts = ?2 AND state = 2))";
        _sent = _connection.Prepare($"DELETE FROM deliveries WHERE message_id IN (SELECT value FROM json_each(?1)) AND {open}");
        const string told = "attempts = ?2, first_tried_at = ?3, tried_at = ?4, code = ?5, status = ?6, text = ?7";
        _failed = _connection.Prepare($"UPDATE deliveries SET state = ?8, {told} WHERE message_id = ?1 AND {open}");
        _deferred = _connection.Prepare($"UPDATE deliveries SET next_at = ?8, {told} WHERE message_id = ?1 AND attempts < ?2");
        _uncertain = _connection.Prepare($"UPDATE deliveries SET state = 2, {told} WHERE message_id = ?1 AND attempts < ?2");
        _learn = _connection.Prepare("UPDATE messages SET esp_message_id = ?2 WHERE id = ?1 AND esp_message_id IS NULL");
        _known = _connection.Prepare("SELECT type FROM events WHERE message_id = ?1 AND type IN (2, 3) AND received_at >= ?2 ORDER BY type LIMIT 1");
    }
}
