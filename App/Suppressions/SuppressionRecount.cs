using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>
/// Works out the suppression list again from the log and compares. A ground whose events are gone (a deleted contact, an old
/// log that was forgotten) stays: nobody becomes mailable because we forget why they were not.
/// </summary>
/// <remarks>The connection must stay in one transaction while it runs.</remarks>
public sealed class SuppressionRecount
{
    /// <summary>Stands among the built dimensions once a database has its grounds.</summary>
    private const string Edition = "suppressions";
    private const int MaxDifferences = 100;

    private readonly WriteConnection _connection;
    private readonly SuppressionRows _rows;
    private readonly StreakRows _streaks;
    private readonly Dictionary<(string Email, string Reason), SuppressionGround> _first = new(Addresses.Comparer);
    private readonly Dictionary<string, List<SuppressionLift>> _lifts = new(StringComparer.OrdinalIgnoreCase);

    public SuppressionRecount(WriteConnection connection)
    {
        _connection = connection;
        _rows = new SuppressionRows(connection);
        _streaks = new StreakRows(connection, _rows);
    }

    /// <summary>At most the first hundred.</summary>
    public List<Difference> Differences { get; } = [];

    /// <summary>Compares, and with <paramref name="mend"/> puts right what differs.</summary>
    public void Run(bool mend, CancellationToken cancellationToken)
    {
        ReadLifts();
        ReadLog(cancellationToken);
        foreach (var (key, right) in _first)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = SuppressionRows.Find(_rows.Of(key.Email), key.Reason);
            if (stored is not { } ground || right.IsBefore(ground))
            {
                Differ("a ground for suppression", stored is null ? "none" : Describe(stored.Value), Describe(right));
                if (mend)
                {
                    _rows.Put(right);
                }
            }
        }

        CompareStreaks(mend, cancellationToken);
        CompareList(mend);
    }

    /// <summary>Works the list out once for a database of a release that kept only the first reason of an address.</summary>
    public static void BuildMissing(SqliteFile main, TimeProvider time, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(main, "wal_autocheckpoint=0");
        if (connection.Prepare("SELECT 1 FROM built_dimensions WHERE name = ?1").Bind(1, Edition).Scalar() is not null)
        {
            return;
        }

        Rebuild(connection, cancellationToken);
        connection.Prepare("INSERT INTO built_dimensions (name, built_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .Bind(1, Edition).Bind(2, time.GetUtcNow().ToUnixTimeMilliseconds()).Run();
    }

    /// <summary>Puts right whatever differs, in one transaction.</summary>
    /// <returns>What was wrong.</returns>
    public static IReadOnlyList<Difference> Rebuild(WriteConnection connection, CancellationToken cancellationToken)
    {
        connection.Begin();
        try
        {
            var recount = new SuppressionRecount(connection);
            recount.Run(mend: true, cancellationToken);
            connection.Commit();
            return recount.Differences;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    private void ReadLifts()
    {
        var lifts = _connection.Prepare("SELECT email, reason, lifted_at, after_event, reported FROM suppression_lifts");
        while (lifts.Step())
        {
            if (!_lifts.TryGetValue(lifts.Text(0), out var known))
            {
                _lifts[lifts.Text(0)] = known = [];
            }

            known.Add(new SuppressionLift(lifts.Text(1), lifts.Number(2), lifts.Number(3), lifts.Number(4) != 0));
        }

        lifts.Reset();
    }

    private void ReadLog(CancellationToken cancellationToken)
    {
        var log = _connection.Prepare($"""
            SELECT m.email, e.type, e.bounce, e.source, e.campaign_id, e.message_id, e.occurred_at, e.id
            FROM events e JOIN messages m ON m.id = e.message_id
            WHERE e.type IN ({(int)EventType.Bounced}, {(int)EventType.Complained}, {(int)EventType.Unsubscribed}) AND m.email <> ''
            """);
        while (log.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (SuppressionRules.ReasonFor((EventType)log.Number(1), (BounceKind)log.Number(2)) is not { } reason)
            {
                continue;
            }

            var ground = new SuppressionGround(
                log.Text(0), reason, SuppressionRules.SourceFor((EventSource)log.Number(3)), log.Number(4), log.Number(5), "", log.Number(6), log.Number(7));
            if ((_lifts.TryGetValue(ground.Email, out var lifts) && SuppressionRules.IsLifted(ground, lifts))
                || (_first.TryGetValue((ground.Email, reason), out var first) && !ground.IsBefore(first)))
            {
                continue;
            }

            _first[(ground.Email, reason)] = ground;
        }

        log.Reset();
    }

    private void CompareStreaks(bool mend, CancellationToken cancellationToken)
    {
        var contacts = new List<long>();
        var bounced = _connection.Prepare($"""
            SELECT DISTINCT m.contact_id FROM message_state s JOIN messages m ON m.id = s.message_id WHERE s.bounce IN ({(int)BounceKind.Soft}, {(int)BounceKind.Block})
            UNION SELECT contact_id FROM contact_state WHERE soft_bounced = 1
            """);
        while (bounced.Step())
        {
            contacts.Add(bounced.Number(0));
        }

        bounced.Reset();
        var limit = _streaks.Limit;
        foreach (var contactId in contacts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (what, stored, right) in _streaks.Compare(contactId, limit))
            {
                Differ($"{what} of contact {contactId}", stored, right);
            }

            if (mend)
            {
                _streaks.Settle(contactId, limit);
            }
        }
    }

    // The list says of each address the gravest of its grounds, and nothing else.
    private void CompareList(bool mend)
    {
        var emails = new List<string>();
        var known = _connection.Prepare("SELECT email FROM suppression_grounds UNION SELECT email FROM suppressions");
        while (known.Step())
        {
            emails.Add(known.Text(0));
        }

        known.Reset();
        foreach (var email in emails)
        {
            var grounds = _rows.Of(email);
            var right = grounds.Count == 0 ? "not listed" : Describe(SuppressionRules.Gravest(grounds) with { MessageId = 0 });
            var stored = _rows.Listed(email) is { } listed ? Describe(listed) : "not listed";
            if (stored != right)
            {
                Differ("a suppressed address", stored, right);
                if (mend)
                {
                    _rows.List(email);
                }
            }
        }
    }

    private void Differ(string what, string stored, string recounted)
    {
        if (Differences.Count < MaxDifferences)
        {
            Differences.Add(new Difference(what, stored, recounted));
        }
    }

    // Without the address: differences are printed and logged.
    private static string Describe(SuppressionGround ground) => string.Create(
        CultureInfo.InvariantCulture, $"{ground.Reason} at {ground.CreatedAt} by {ground.Source}, campaign {ground.CampaignId}, message {ground.MessageId}");
}

/// <summary>Addresses are the same in any case.</summary>
internal static class Addresses
{
    public static IEqualityComparer<(string Email, string Reason)> Comparer { get; } =
        EqualityComparer<(string Email, string Reason)>.Create(
            (a, b) => a.Reason == b.Reason && string.Equals(a.Email, b.Email, StringComparison.OrdinalIgnoreCase),
            key => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(key.Email), key.Reason));
}
