using System.Diagnostics;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Tests.Load;

/// <summary>How long rules take on many contacts: the count, the first page of members, and by which plan. The database is made straight in SQL.</summary>
internal static class SegmentsMeasure
{
    private const int Rounds = 3;

    /// <summary>What an editor can say: first what is typical, then what is dear, at last several dear ones together.</summary>
    private static readonly (string Name, string Json)[] s_rules =
    [
        ("opened any email in the last 30 days", """{"event":"opened","within_days":30}"""),
        ("has NOT clicked in the last 90 days", """{"event":"clicked","done":false,"within_days":90}"""),
        ("lapsed: opened in a year, not in 90 days, score under 20", """{"op":"and","rules":[{"event":"opened","within_days":365},{"event":"opened","done":false,"within_days":90},{"field":"engagement_score","op":"lt","value":20}]}"""),
        ("was sent at least 5 times", """{"event":"sent","at_least":5}"""),
        ("on a list of one in a hundred", """{"list":"lst_1"}"""),
        ("on the list, and opened in 30 days", """{"op":"and","rules":[{"list":"lst_1"},{"event":"opened","within_days":30}]}"""),
        ("complained", """{"event":"complained"}"""),
        ("opened campaign 1", """{"event":"opened","campaign_id":"cmp_1"}"""),
        ("did NOT open campaign 1", """{"event":"opened","done":false,"campaign_id":"cmp_1"}"""),
        ("opened at least 2 times in 180 days", """{"event":"opened","within_days":180,"at_least":2}"""),
        ("clicked a link with sale", """{"event":"clicked","link_contains":"sale"}"""),
        ("suppressed", """{"field":"suppressed","op":"eq","value":true}"""),
        ("not suppressed and consents", """{"op":"and","rules":[{"field":"suppressed","op":"eq","value":false},{"field":"tracking_consent","op":"eq","value":"granted"}]}"""),
        ("address ends with", """{"field":"email","op":"ends_with","value":"7@example.com"}"""),
        ("city is", """{"field":"attributes.city","op":"eq","value":"köln"}"""),
        ("age between", """{"field":"attributes.age","op":"between","value":[30,40]}"""),
        ("nobody: an attribute nobody has", """{"field":"attributes.nobody","op":"eq","value":"x"}"""),
        ("sent at least 3 times in 400 days", """{"event":"sent","within_days":400,"at_least":3}"""),
        ("sent at least 3 times in 2 years", """{"event":"sent","within_days":730,"at_least":3}"""),
        ("five dear ones, any of them", """{"op":"or","rules":[{"event":"sent","within_days":400,"at_least":9},{"event":"opened","within_days":400,"at_least":9},{"event":"clicked","link_contains":"nowhere"},{"field":"attributes.city","op":"contains","value":"ő"},{"field":"suppressed","op":"eq","value":true}]}"""),
    ];

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, "scoretracking.db");
        if (!File.Exists(path))
        {
            var watch = Stopwatch.StartNew();
            SegmentsSeed.Make(path, options.Contacts, options.Events, cancellationToken);
            Console.WriteLine($"made in {watch.Elapsed.TotalSeconds:N0} s");
        }

        var queries = new SegmentQueries(new SqliteFile(path), TimeProvider.System);
        Console.WriteLine($"{options.Contacts:N0} contacts, {options.Events:N0} events, {new FileInfo(path).Length / 1e6:N0} MB, {Environment.ProcessorCount} cores; the best of {Rounds}, in ms");
        Console.WriteLine();
        Console.WriteLine($"{"rule",-58}{"members",10}{"count",9}{"page",8}");
        foreach (var (name, json) in s_rules)
        {
            var rule = SegmentRuleJson.Stored(json);
            var (members, count, page) = (0L, TimeSpan.MaxValue, TimeSpan.MaxValue);
            for (var round = 0; round < Rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                members = await queries.CountAsync(rule, progress: null, cancellationToken);
                count = watch.Elapsed < count ? watch.Elapsed : count;
                watch.Restart();
                await queries.PageAsync(rule, 0, 50, cancellationToken);
                page = watch.Elapsed < page ? watch.Elapsed : page;
            }

            Console.WriteLine($"{name,-58}{members,10:N0}{count.TotalMilliseconds,9:N0}{page.TotalMilliseconds,8:N1}");
        }

        AudienceMeasure.Run(path, cancellationToken);
        PrintPlans(path);
        return 0;
    }

    private static void PrintPlans(string path)
    {
        foreach (var (name, json) in s_rules)
        {
            // Its own, since sets of people live as long as their connection.
            using var connection = new WriteConnection(path);
            Console.WriteLine();
            Console.WriteLine(name);
            var query = SegmentCountQuery.Of(SegmentRuleJson.Stored(json), new SegmentMembership(connection).Clock(DateTimeOffset.UnixEpoch));
            foreach (var set in query.Sets)
            {
                if (set.StartsWith("CREATE", StringComparison.Ordinal))
                {
                    connection.Execute(set);
                }
                else
                {
                    PrintPlan(connection, set);
                    Console.WriteLine("  once, and then for each range");
                }
            }

            PrintPlan(connection, query.Sql);
        }
    }

    private static void PrintPlan(WriteConnection connection, string sql)
    {
        var plan = connection.Prepare($"EXPLAIN QUERY PLAN {sql}");
        while (plan.Step())
        {
            Console.WriteLine($"  {plan.Text(3)}");
        }
    }
}
