using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Data;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Steps;

namespace ScoreTracking.Tests.Load;

/// <summary>How late people on journeys are moved when very many are on the way, and how long the write lock is held for it.</summary>
internal static class JourneysMeasure
{
    private const int Due = 10_000;
    private const int AtOnce = 100_000;

    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(1);

    public static async Task<int> RunAsync(string directory, LoadOptions options, CancellationToken cancellationToken)
    {
        var file = new SqliteFile(Path.Combine(directory, "scoretracking.db"));
        Migrator.Apply(file);
        await Console.Error.WriteLineAsync($"Seeding {options.Contacts:N0} people …");
        Seed(file, options.Contacts);
        Console.WriteLine($"{options.Contacts:N0} people on the way, {Size(file) / 1e6:N0} MB of database; each who is due passes a delay, a condition on a rule and an attribute");
        var late = new Lateness();
        using var round = new JourneyRound(
            file, [late, new ConditionAction(), new UpdateFieldAction(), new ExitAction()], TimeProvider.System, NullLogger.Instance);

        // Due at moments spread over a minute, as the clock comes to them.
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Run(file, $"UPDATE enrollments SET step_at = {now} - 86400000 + (id * {s_span.TotalMilliseconds / Due:0} + 2000), due_at = {now} + (id * {s_span.TotalMilliseconds / Due:0} + 2000) WHERE id <= {Due}");
        await MeasureAsync(round, late, $"{Due:N0} due within a minute", Due, cancellationToken);

        now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var crowd = Math.Min(AtOnce, options.Contacts - Due);
        Run(file, $"UPDATE enrollments SET step_at = {now} - 86400000, due_at = {now} WHERE id > {Due} AND id <= {Due + crowd}");
        await MeasureAsync(round, late, $"{crowd:N0} due at once", crowd, cancellationToken);

        using var connection = new WriteConnection(file.Path, "query_only=1", "wal_autocheckpoint=0");
        var differences = JourneyRecount.Run(connection);
        Console.WriteLine(differences.Count == 0 ? "Counted again: no difference" : $"Counted again: {differences.Count} differences");
        return differences.Count == 0 ? 0 : 1;
    }

    private static async Task MeasureAsync(JourneyRound round, Lateness late, string name, int people, CancellationToken cancellationToken)
    {
        late.Moved.Clear();
        var (held, moved, watch, busy) = (new List<double>(), 0, Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
        while (moved < people)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!round.HasWork())
            {
                // As the runner sleeps.
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                continue;
            }

            var started = Stopwatch.GetTimestamp();
            moved += round.Run(0, JourneyRunner.MaxPeople);
            held.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
        }

        var elapsed = watch.Elapsed;
        var used = Process.GetCurrentProcess().TotalProcessorTime - busy;
        held.Sort();
        late.Moved.Sort();
        Console.WriteLine(
            $"{name}: {moved:N0} moved in {elapsed.TotalSeconds:N1} s, {used.TotalSeconds:N1} s of processor ({used.TotalMicroseconds / moved:N0} µs each); {held.Count:N0} transactions");
        Console.WriteLine($"  write lock held {Of(held, 0.5):N1} ms (median), {Of(held, 0.99):N1} ms (p99), {held[^1]:N1} ms (longest)");
        Console.WriteLine($"  each person late by {Of(late.Moved, 0.5):N0} ms (median), {Of(late.Moved, 0.99):N0} ms (p99), {late.Moved[^1]:N0} ms (longest), from when they are due to the end of the transaction");
    }

    private static double Of(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

    // What was not carried into the database proper yet lies beside it.
    private static long Size(SqliteFile file) =>
        new DirectoryInfo(Path.GetDirectoryName(file.Path)!).EnumerateFiles($"{Path.GetFileName(file.Path)}*").Sum(one => one.Length);

    private static void Seed(SqliteFile file, int people)
    {
        const string definition = """
            {"steps":[{"id":"n1","type":"delay","for":"P1D","next":"n2"},{"id":"n2","type":"condition","test":{"field":"attributes.plan","op":"eq","value":"pro"},"yes":"n3","no":"n4"},
                {"id":"n3","type":"update_field","field":"told","value":true,"next":null},{"id":"n4","type":"exit"}]}
            """;
        var json = JourneyJson.Write(JourneyJson.Read(definition));
        Run(file, $"""
            INSERT INTO journeys (id, name, status, definition, version, created_at, updated_at) VALUES (1, 'Load', 'published', '{json}', 1, 0, 0);
            INSERT INTO journey_versions (journey_id, version, definition, published_at) VALUES (1, 1, '{json}', 0);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at)
            SELECT i, 'c' || i, 'p' || i || '@example.com', CASE i % 2 WHEN 0 THEN json_object('plan', 'pro') ELSE json_object('plan', 'free') END, 0, 0, 0 FROM n;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {people})
            INSERT INTO enrollments (id, journey_id, version, contact_id, trigger_key, status, step, step_at, sequence, due_at, waits_for, entered_at)
            SELECT i, 1, 1, i, i || '.1', 1, 'n1', 4102444800000, 0, 4102531200000, 0, 0 FROM n;
            INSERT INTO journey_counts (journey_id, version, step, outcome, people) VALUES (1, 1, '', 'entered', {people});
            """);
        using var connection = new WriteConnection(file.Path);
        connection.Checkpoint(truncate: true);
    }

    private static void Run(SqliteFile file, string sql)
    {
        using var connection = file.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Numbers of this program.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.CommandTimeout = 600;
        command.ExecuteNonQuery();
        transaction.Commit();
    }

    /// <summary>The delay everybody passes, and how late they did.</summary>
    private sealed class Lateness : IStepAction
    {
        private readonly DelayAction _delay = new();
        private readonly List<long> _due = [];

        /// <summary>In milliseconds, one for each person.</summary>
        public List<double> Moved { get; } = [];

        public bool Does(JourneyStep step) => _delay.Does(step);

        public StepResult Act(ActingPerson person, JourneyStep step)
        {
            var result = _delay.Act(person, step);
            if (result is StepResult.Go)
            {
                _due.Add(person.StepAt + (long)((DelayStep)step).For.TotalMilliseconds);
            }

            return result;
        }

        public void Ended(bool committed)
        {
            if (committed)
            {
                var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
                Moved.AddRange(_due.Select(due => (double)Math.Max(0, now - due)));
            }

            _due.Clear();
        }
    }
}
