using ScoreTracking.Data;
using ScoreTracking.EventLog;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using SQLitePCL;

namespace ScoreTracking.Tests.Reports;

/// <summary>
/// What a page costs in a campaign where hardly anybody fits the filter: every statement of every offered combination, at the
/// beginning, in the middle and at the end, both ways. Counted in steps of SQLite's machine, so it is the same on every computer.
/// </summary>
public sealed class WalkCostTests : IDisposable
{
    private const int Messages = 60_000;

    /// <summary>A row looked at costs 10 to 40 steps; a page looks at no more than 10,000. Reading all would take millions.</summary>
    private const int MaxSteps = 450_000;

    private static readonly string s_directory = Directory.CreateTempSubdirectory("scoretracking-walks-").FullName;
    private static readonly Lazy<SqliteFile> s_file = new(Make);

    private readonly WriteConnection _connection = new(s_file.Value.Path, "query_only=1");

    public void Dispose() => _connection.Dispose();

    public static TheoryData<string, string> Combinations()
    {
        var combinations = new TheoryData<string, string>();
        foreach (var sort in RecipientFilter.Sorts)
        {
            combinations.Add(sort.Name, "");
            foreach (var status in RecipientStatus.All)
            {
                combinations.Add(sort.Name, status.Name);
            }
        }

        return combinations;
    }

    [Theory, MemberData(nameof(Combinations))]
    public void No_page_of_recipients_looks_at_more_than_its_bound_whatever_is_asked_for(string sort, string status)
    {
        var any = RecipientFilter.Read(status, null, sort, []);
        var texts = any.Order == RecipientOrder.Address ? new[] { null, "p0001", "p" } : [null];
        foreach (var filter in from text in texts
                               from variant in new int?[] { null, 1 }
                               from link in new long?[] { null, 1 }
                               select any with { Text = text, Variant = variant, LinkId = link })
        {
            foreach (var walk in new[] { RecipientWalk.For(filter, 0, 1), RecipientWalk.For(filter, null, 0), RecipientWalk.Person }.Distinct())
            {
                foreach (var (backwards, place) in from backwards in new[] { false, true } from place in new long?[] { null, 1, Messages / 2, Messages } select (backwards, place))
                {
                    var address = place is null || filter.Order != RecipientOrder.Address ? null : $"p{place:000000}@example.com";
                    var parameters = RecipientsQuery.Parameters(1, filter, place, address, backwards, 51, walk.Visits);

                    AssertCheap($"{walk.Name} {sort} {status} {filter.Text} {backwards} {place}", RecipientsQuery.Statement(walk, filter, backwards), parameters);
                    AssertCheap($"end of {walk.Name}", backwards ? walk.BackEnd : walk.ForthEnd, parameters);
                }
            }
        }
    }

    public static TheoryData<EventType?, Verdict?> Kinds()
    {
        var kinds = new TheoryData<EventType?, Verdict?>();
        foreach (var type in EventTypes.All.Select(type => (EventType?)type).Prepend(null))
        {
            foreach (var verdict in Enum.GetValues<Verdict>().Select(verdict => verdict == Verdict.None ? null : (Verdict?)verdict))
            {
                kinds.Add(type, verdict);
            }
        }

        return kinds;
    }

    [Theory, MemberData(nameof(Kinds))]
    public void No_page_of_the_log_looks_at_more_than_its_bound_whatever_is_asked_for(EventType? type, Verdict? verdict)
    {
        foreach (var filter in from campaign in new long?[] { null, 1 }
                               from to in new DateTimeOffset?[] { null, DateTimeOffset.UnixEpoch.AddDays(1) }
                               select new EventFilter(campaign, null, null, type, verdict, null, to))
        {
            foreach (var (upwards, place) in from upwards in new[] { false, true } from place in new long?[] { null, Messages } select (upwards, place))
            {
                var parameters = EventLogQuery.Parameters(filter, place, upwards, 51);

                AssertCheap($"{filter} {upwards} {place}", EventLogQuery.Statement(LoggedEvent.Columns, LoggedEvent.Joins, filter, upwards), parameters, sorts: true);
                AssertCheap($"end of {filter}", EventLogQuery.EndStatement(filter, upwards), parameters, sorts: true);
            }
        }
    }

    // Steps, and no sort: a sort would read everything before it gives the first row. The log merges ranges of bounded length, which is one.
    private void AssertCheap(string what, string sql, (string Name, object Value)[] parameters, bool sorts = false)
    {
        using var statement = _connection.Prepare(sql);
        foreach (var (name, value) in parameters)
        {
            statement.Bind(name, value);
        }

        while (statement.Step())
        {
        }

        var (steps, sorted, scanned) = (statement.Cost(raw.SQLITE_STMTSTATUS_VM_STEP), statement.Cost(raw.SQLITE_STMTSTATUS_SORT), statement.Cost(raw.SQLITE_STMTSTATUS_FULLSCAN_STEP));
        statement.Reset();

        Assert.True(steps <= MaxSteps, $"{what} took {steps:N0} steps: {sql}");
        Assert.True(sorts || sorted == 0, $"{what} sorts: {sql}");
        Assert.True(scanned == 0, $"{what} scans a table: {sql}");
    }

    // Everybody was sent the campaign, nobody else did anything but one in thirty thousand, who did everything.
    private static SqliteFile Make()
    {
        var file = new SqliteFile(Path.Combine(s_directory, "walks.db"));
        Migrator.Apply(file);
        using var connection = new WriteConnection(file.Path, "synchronous=OFF");
        connection.Begin();
        connection.Execute($"""
            INSERT INTO campaigns (id, name, status, from_email, from_name, track_opens, track_clicks, delivery, subject, preheader, html, plain_text, seed, created_at, started_at, completed_at)
                VALUES (1, 'Big', 'running', '', '', 1, 1, 'external', '', '', '', '', x'00', 0, 1, 0);
            INSERT INTO variants (campaign_id, position, key, levels, weight, recipients) VALUES (1, 0, 'a', '', 1, {Messages});
            INSERT INTO links (id, campaign_id, content, position, url, label) VALUES (1, 1, '', 1, 'https://example.com/', '');
            CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Messages}) SELECT i, i % 30000 = 29999 AS busy FROM n;
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at) SELECT i, i, printf('p%06d@example.com', i), '', 0, 0, 0 FROM n;
            INSERT INTO messages (id, campaign_id, contact_id, email, created_at) SELECT i, 1, i, printf('p%06d@example.com', i), 0 FROM n;
            INSERT INTO message_state (message_id, campaign_id, status, sent_at, opened_at, confirmed_at, clicked_at, bounced_at, bounce, dropped_at, complained_at, unsubscribed_at, replied_at)
                SELECT i, 1, iif(busy, 10, 2), 1, busy, busy, busy, busy, busy, busy, busy, busy, busy FROM n;
            INSERT INTO link_clicks (link_id, message_id, clicks, first_at, last_at) SELECT 1, i, 1, 1, 1 FROM n;
            INSERT INTO events (message_id, id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id)
                SELECT i, i, 1, 2, {DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeMilliseconds()}, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0 FROM n;
            INSERT INTO events (message_id, id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id)
                SELECT 1, {Messages} + i, 1, 7, {DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeMilliseconds()}, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0 FROM n WHERE i < 20000;
            """);
        foreach (var mark in Enum.GetValues<ActivityMark>().Where(mark => mark != ActivityMark.None))
        {
            connection.Execute($"INSERT INTO activity_blocks (campaign_id, mark, block) SELECT DISTINCT 1, {(int)mark}, i / {ActivityBlock.Size} FROM n WHERE busy");
        }

        connection.Commit();
        return file;
    }
}
