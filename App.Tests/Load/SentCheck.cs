using Microsoft.Data.Sqlite;

namespace ScoreTracking.Tests.Load;

/// <summary>What a stopped server's database says of campaigns it handed over.</summary>
/// <param name="Sent">Messages.</param>
/// <param name="Again">Hand-offs beyond the first of a message.</param>
/// <param name="Left">In the queue, the uncertain ones not counted.</param>
internal sealed record SentCheck(long Sent, long Again, long Uncertain, long Left)
{
    /// <summary>Counts and recounts, and says what it found.</summary>
    /// <param name="mails">As many as there should be.</param>
    /// <returns>Null where something is wrong.</returns>
    public static async Task<SentCheck?> RunAsync(string data, long mails, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(data, cancellationToken);
        Console.WriteLine($"sent {found.Sent:N0} of {mails:N0}, more than once {found.Again:N0}, uncertain {found.Uncertain:N0}, left in the queue {found.Left:N0}");
        var (exitCode, output) = await ServerProcess.RunAsync("verify", data, cancellationToken);
        Console.WriteLine(output);
        return exitCode == 0 && found.Sent + found.Uncertain == mails && found is { Again: 0, Left: 0 } ? found : null;
    }

    /// <summary>When the last mail was accepted.</summary>
    public static async Task<DateTimeOffset> LastAsync(string data, CancellationToken cancellationToken)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "scoretracking.db")};Mode=ReadOnly");
        await database.OpenAsync(cancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT max(occurred_at) FROM events WHERE type = 2";
        return DateTimeOffset.FromUnixTimeMilliseconds((long)(await command.ExecuteScalarAsync(cancellationToken))!);
    }

    private static async Task<SentCheck> ReadAsync(string data, CancellationToken cancellationToken)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "scoretracking.db")};Mode=ReadOnly");
        await database.OpenAsync(cancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText = """
            SELECT count(DISTINCT message_id), count(*), (SELECT count(*) FROM deliveries WHERE state = 2), (SELECT count(*) FROM deliveries WHERE state <> 2)
            FROM events WHERE type = 2
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SentCheck(reader.GetInt64(0), reader.GetInt64(1) - reader.GetInt64(0), reader.GetInt64(2), reader.GetInt64(3));
    }
}
