using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

/// <summary>
/// Makes the requests of webhook steps, signed and guarded as outbound webhooks are. Each host has its own turn, so that one that hangs
/// keeps nobody waiting who is on the way elsewhere. What came of a request is stored before the person is looked at again: whatever stops in
/// between, the same request goes out again under the same id.
/// </summary>
internal sealed partial class StepCalls(
    SqliteFile file, IDbContextFactory<ScoreDb> databases, HookSender sender, JourneySecrets secrets, TimeProvider time, IOptions<HookOptions> options, ILogger<StepCalls> logger)
    : BackgroundService
{
    private const int Batch = 64;

    private const string Standing = """
        CROSS JOIN enrollments e ON e.id = s.enrollment_id AND e.sequence = s.sequence AND e.status = 1
        CROSS JOIN journeys j ON j.id = e.journey_id AND j.status = 'published'
        """;

    private const string DueHosts = $"SELECT DISTINCT s.host FROM step_calls s INDEXED BY step_calls_due {Standing} WHERE s.next_at > 0 AND s.next_at <= $now";

    private const string Due = $"""
        SELECT s.enrollment_id, s.sequence, s.url, s.created_at, s.attempts FROM step_calls s INDEXED BY step_calls_due {Standing}
        WHERE s.host = $host AND s.next_at > 0 AND s.next_at <= $now ORDER BY s.next_at LIMIT $most
        """;

    private const string LookAgain = "UPDATE enrollments SET due_at = 1 WHERE id = $1 AND sequence = $2 AND status = 1";

    // People who left meanwhile.
    private const string Forget = """
        DELETE FROM step_calls WHERE NOT EXISTS (SELECT 1 FROM enrollments e WHERE e.id = enrollment_id AND e.sequence = step_calls.sequence AND e.status IN (1, 4))
        """;

    private static readonly TimeSpan s_nap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longNap = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Task> _turns = new(StringComparer.Ordinal);
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _forgotAt = long.MinValue;

    /// <summary>There may be something to do.</summary>
    public void Wake() => _bell.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await SleepAsync(Look(stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping: what was under way is made again.
        }

        await Task.WhenAll(_turns.Values);
    }

    // Begins the turns of hosts that have none; returns how long nothing more is due, unless woken.
    private TimeSpan Look(CancellationToken stoppingToken)
    {
        try
        {
            using var connection = file.Open();
            ForgetNowAndThen(connection);
            foreach (var host in Hosts(connection))
            {
                if (!_turns.TryGetValue(host, out var turn) || turn.IsCompleted)
                {
                    _turns[host] = Task.Run(() => TurnAsync(host, stoppingToken), CancellationToken.None); // Ends by stoppingToken.
                }
            }

            using var any = connection.CreateCommand();
            any.CommandText = "SELECT EXISTS (SELECT 1 FROM step_calls WHERE next_at > 0)";
            return (long)any.ExecuteScalar()! == 1 ? s_nap : s_longNap;
        }
        catch (SqliteException exception)
        {
            LogRetry(exception);
            return s_nap;
        }
    }

    private List<string> Hosts(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = DueHosts;
        command.Parameters.AddWithValue("$now", time.GetUtcNow().ToUnixTimeMilliseconds());
        var hosts = new List<string>();
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            hosts.Add(row.GetString(0));
        }

        return hosts;
    }

    private void ForgetNowAndThen(SqliteConnection connection)
    {
        if (_forgotAt != long.MinValue && time.GetElapsedTime(_forgotAt) < s_longNap)
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = Forget;
        command.ExecuteNonQuery();
        _forgotAt = time.GetTimestamp();
    }

    private async Task TurnAsync(string host, CancellationToken stoppingToken)
    {
        try
        {
            while (await CallAsync(host, stoppingToken) > 0)
            {
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception exception)
        {
            // One host's mishap must end neither the others' turns nor the program.
            LogFailed(exception);
            await Task.Delay(s_nap, CancellationToken.None); // A second, also while stopping.
        }
    }

    private async Task<int> CallAsync(string host, CancellationToken stoppingToken)
    {
        var due = ReadDue(host);
        var done = new ConcurrentBag<(StepCall Call, HookOutcome? Outcome)>();
        try
        {
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = stoppingToken }, async (call, token) =>
                done.Add((call, await SendAsync(call, token))));
        }
        finally
        {
            // What was sent was sent, and must be known even while stopping.
            Record([.. done]);
        }

        return due.Count;
    }

    private List<StepCall> ReadDue(string host)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Due;
        command.Parameters.AddWithValue("$host", host);
        command.Parameters.AddWithValue("$most", Batch);
        command.Parameters.AddWithValue("$now", time.GetUtcNow().ToUnixTimeMilliseconds());
        var due = new List<StepCall>(Batch);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            due.Add(new StepCall { EnrollmentId = row.GetInt64(0), Sequence = row.GetInt32(1), Host = host, Url = row.GetString(2), CreatedAt = row.GetInt64(3), Attempts = row.GetInt32(4) });
        }

        return due;
    }

    // Null where the person no longer stands there.
    private async Task<HookOutcome?> SendAsync(StepCall call, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await StepCallBody.OfAsync(db, call.EnrollmentId, call.Sequence, cancellationToken) is { } request
            ? await sender.SendAsync(new Uri(call.Url), await secrets.OfAsync(request.JourneyId, request.Secrets, cancellationToken), request.Id, request.Body, cancellationToken)
            : null;
    }

    private void Record(IReadOnlyList<(StepCall Call, HookOutcome? Outcome)> done)
    {
        if (done.Count == 0)
        {
            return;
        }

        using var connection = file.Open();
        using var transaction = connection.BeginTransaction();
        using var commands = new PreparedCommands(connection);
        commands.Enter(transaction);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (call, outcome) in done)
        {
            var next = outcome is null ? now + (long)s_longNap.TotalMilliseconds : StepCallSchedule.Next(call, outcome, now);
            commands.Command(
                "UPDATE step_calls SET attempts = $3, next_at = $4, status = $5, error = $6 WHERE enrollment_id = $1 AND sequence = $2 AND next_at > 0",
                call.EnrollmentId, call.Sequence, call.Attempts + (outcome is null ? 0 : 1), next, outcome?.Status ?? 0, outcome?.Error ?? "").ExecuteNonQuery();
            if (next == 0)
            {
                commands.Command(LookAgain, call.EnrollmentId, call.Sequence).ExecuteNonQuery();
            }
        }

        transaction.Commit();
    }

    private async Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(longest);
        try
        {
            await _bell.Reader.ReadAsync(enough.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Slept enough.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook steps of journeys could not read or write the database and try again")]
    private partial void LogRetry(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook steps of journeys failed unexpectedly for one host and are tried again")]
    private partial void LogFailed(Exception exception);
}
