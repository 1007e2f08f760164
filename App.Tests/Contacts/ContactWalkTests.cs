using ScoreTracking.Contacts;
using ScoreTracking.Data;
using SQLitePCL;

namespace ScoreTracking.Tests.Contacts;

/// <summary>What a page of many contacts costs: every order, at the beginning, in the middle and at the end, both ways. Counted in steps of SQLite's machine, so it is the same on every computer.</summary>
public sealed class ContactWalkTests : IDisposable
{
    private const int People = 60_000;

    /// <summary>A row looked at costs 20 to 80 steps and a page looks at no more than 2,000; reading all would take millions.</summary>
    private const int MaxSteps = 200_000;

    private static readonly string s_directory = Directory.CreateTempSubdirectory("scoretracking-contacts-").FullName;
    private static readonly Lazy<SqliteFile> s_file = new(Make);

    private readonly WriteConnection _connection = new(s_file.Value.Path, "query_only=1");

    public void Dispose() => _connection.Dispose();

    public static TheoryData<string> Sorts() => [.. ContactFilter.Sorts.Select(sort => sort.Name)];

    [Theory, MemberData(nameof(Sorts))]
    public void No_page_of_contacts_looks_at_more_than_its_bound_whatever_is_asked_for(string sort)
    {
        var any = ContactFilter.Read(null, null, null, null, sort, []);
        foreach (var filter in from text in new[] { null, "p", "p0001", "nobody" }
                               from score in new double?[] { null, 50 }
                               from consent in new TrackingConsent?[] { null, TrackingConsent.Denied }
                               from suppressed in new bool?[] { null, true, false }
                               select any with { Text = text, MinScore = score, Consent = consent, Suppressed = suppressed })
        {
            foreach (var place in new ContactPlace?[] { null, new(0.5, People / 2), new(null, 1), new(null, People), new(-900, 3) })
            {
                foreach (var back in new[] { false, true })
                {
                    var down = filter.Descending ^ back;
                    var few = filter.Text is { Length: > 1 };
                    var address = place is { } at && filter.Order == ContactOrder.Address ? $"p{at.Id:000000}@example.com" : null;
                    foreach (var part in ContactWalk.Parts(filter, few, down, place))
                    {
                        var parameters = ContactWalk.Parameters(filter, few, down, part, address, filter.MinScore is null ? double.NegativeInfinity : 0, 51);

                        AssertCheap(ContactWalk.Rows(filter, few, part), parameters, few);
                        AssertCheap(ContactWalk.End(part), parameters, few);
                    }
                }
            }
        }
    }

    [Fact]
    public void The_list_by_score_walks_its_index_from_the_place_it_stands_at()
    {
        var parts = ContactWalk.Parts(ContactFilter.Any, few: false, down: true, new ContactPlace(1.5, 7));

        var plans = parts.Select(part => Plan(ContactWalk.Rows(ContactFilter.Any, few: false, part))).ToList();

        var steps = new[] { "(rank=? AND rowid<?)", "(rank<?)", "(rank=? AND rowid<?)" };
        Assert.Equal(steps.Select(step => $"SEARCH contact_state USING COVERING INDEX contact_state_rank {step}"), plans.Select(plan => plan.Single(step => step.StartsWith("SEARCH contact_state", StringComparison.Ordinal))));
        Assert.DoesNotContain(plans.SelectMany(plan => plan), step => step.Contains("TEMP B-TREE", StringComparison.Ordinal) || step.StartsWith("SCAN contact", StringComparison.Ordinal));
    }

    private static SqliteFile Make()
    {
        var file = new SqliteFile(Path.Combine(s_directory, "contacts.db"));
        Migrator.Apply(file);
        using var connection = new WriteConnection(file.Path, "synchronous=OFF");
        connection.Begin();
        connection.Execute($"""
            CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {People}) SELECT i FROM n;
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at)
                SELECT i, i, printf('p%06d@example.com', i), '{"{}"}', iif(i % 20000 = 0, 2, 0), 0, i FROM n;
            UPDATE contact_state SET rank = iif(contact_id % 3 = 1, 0.5, contact_id / 1000.0), rank_at = 1 WHERE contact_id % 3 > 0;
            INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at) SELECT printf('p%06d@example.com', i), 'manual', 'manual', 0, '', 1 FROM n WHERE i % 20000 = 1;
            """);
        connection.Commit();
        return file;
    }

    private void AssertCheap(string sql, (string Name, object Value)[] parameters, bool sorts)
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

        Assert.True(steps <= MaxSteps, $"{steps:N0} steps: {sql}");
        Assert.True(sorts || sorted == 0, $"sorts: {sql}");
        Assert.True(scanned == 0, $"scans a table: {sql}");
    }

    private List<string> Plan(string sql)
    {
        using var statement = _connection.Prepare("EXPLAIN QUERY PLAN " + sql);
        var steps = new List<string>();
        while (statement.Step())
        {
            steps.Add(statement.Text(3));
        }

        return steps;
    }
}
