using ScoreTracking.Data;

namespace ScoreTracking.Tests.Load;

/// <summary>Fast and wrong is worthless: after a run every acknowledged event must be stored, and every figure must be what the log says.</summary>
internal static class Check
{
    /// <summary>Counts and recounts a stopped server's database, and says what it found.</summary>
    /// <param name="acknowledged">Events the senders were told are stored.</param>
    public static async Task<bool> RunAsync(Seed seed, long acknowledged, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await ServerProcess.RunAsync("verify", seed.Directory, cancellationToken);
        using var connection = new WriteConnection(seed.Main.Path, "query_only=1", "wal_autocheckpoint=0");
        var stored = connection.Prepare("SELECT count(*) FROM events").Scalar();
        Console.WriteLine();
        Console.WriteLine($"verify: exit code {exitCode}: {output}");
        Console.WriteLine($"{acknowledged:N0} events acknowledged, {stored:N0} stored: {(acknowledged == stored ? "equal" : "NOT EQUAL")}");
        return exitCode == 0 && acknowledged == stored;
    }
}
