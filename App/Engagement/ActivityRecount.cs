using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Engagement;

/// <summary>Makes every contact's activity again from its messages and the log, and compares. Memory holds one contact.</summary>
/// <remarks>The connection must stay in one transaction while it runs.</remarks>
public sealed class ActivityRecount(WriteConnection connection)
{
    /// <summary>Under this name databases note that theirs was made.</summary>
    public const string Edition = "contact activity";

    private readonly EngagementRows _rows = new(connection);
    private readonly Statement _states = connection.Prepare($"SELECT contact_id, {ContactActivity.Columns} FROM contact_state ORDER BY contact_id");
    private readonly Statement _messages = connection.Prepare($"SELECT m.contact_id, {ActivityRows.Sums} {ActivityRows.Messages} GROUP BY m.contact_id ORDER BY m.contact_id");
    private readonly Statement _events = connection.Prepare(
        $"SELECT m.contact_id, e.type, count(*), max(e.occurred_at) {EngagementRows.Engaging} GROUP BY m.contact_id, e.type ORDER BY m.contact_id");

    /// <summary>Leaves out contacts with events their activity does not have yet: a busy server writes those some seconds later.</summary>
    /// <param name="differ">Called for each contact with what is stored of it and what is right.</param>
    public void Run(Action<long, ContactActivity, ContactActivity> differ, CancellationToken cancellationToken)
    {
        var behind = _rows.RankedTo() is { } ranked ? _rows.Since(ranked) : [];
        RunAll(
            (contactId, stored, right) =>
            {
                if (!behind.Contains(contactId))
                {
                    differ(contactId, stored, right);
                }
            },
            cancellationToken);
    }

    /// <summary>Writes what is wrong or behind.</summary>
    public void Mend(CancellationToken cancellationToken)
    {
        var wrong = new List<(long ContactId, ContactActivity Right)>();
        RunAll((contactId, _, right) => wrong.Add((contactId, right)), cancellationToken);
        foreach (var (contactId, right) in wrong)
        {
            _rows.Update(contactId, right);
        }
    }

    /// <summary>Makes it where the database is of a release that did not; nothing to do is the usual case.</summary>
    public static void BuildMissing(SqliteFile main, TimeProvider time, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(main, "wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-64000");
        if (connection.Prepare("SELECT 1 FROM built_dimensions WHERE name = ?1").Bind(1, Edition).Scalar() is not null)
        {
            return;
        }

        connection.Begin();
        new ActivityRecount(connection).Mend(cancellationToken);
        connection.Prepare("INSERT INTO built_dimensions (name, built_at) VALUES (?1, ?2)").Bind(1, Edition).Bind(2, time.GetUtcNow().ToUnixTimeMilliseconds()).Run();
        connection.Commit();
    }

    private void RunAll(Action<long, ContactActivity, ContactActivity> differ, CancellationToken cancellationToken)
    {
        var (messages, events) = (_messages.Step(), _events.Step());
        while (_states.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var contactId = _states.Number(0);
            var stored = ContactActivity.Read(_states, 1);
            while (messages && _messages.Number(0) < contactId)
            {
                messages = _messages.Step();
            }

            var right = messages && _messages.Number(0) == contactId ? ActivityRows.ReadMessages(_messages, 1) : default;
            for (; events && _events.Number(0) <= contactId; events = _events.Step())
            {
                if (_events.Number(0) == contactId)
                {
                    right = ActivityRows.With(right, (EventType)_events.Number(1), _events.Number(2), _events.Number(3));
                }
            }

            if (stored != right)
            {
                differ(contactId, stored, right);
            }
        }

        _states.Reset();
        _messages.Reset();
        _events.Reset();
    }
}
