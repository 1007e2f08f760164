using ScoreTracking.Data;

namespace ScoreTracking.Tests.Load;

/// <summary>Fast and wrong is worthless: after a run every acknowledged event must be stored, and every figure must be what the log says.</summary>
internal static class Check
{
    /// <summary>Counts and recounts a stopped server's database, and says what it found.</summary>
    /// <param name="acknowledged">Events the senders were told are stored.</param>
    /// <param name="unsure">Events that may be stored or not.</param>
    public static async Task<bool> RunAsync(Seed seed, long acknowledged, long unsure, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await ServerProcess.RunAsync("verify", seed.Directory, cancellationToken);
        using var connection = new WriteConnection(seed.Main.Path, "query_only=1", "wal_autocheckpoint=0");
        var stored = connection.Prepare("SELECT count(*) FROM events").Scalar();
        Console.WriteLine();
        Console.WriteLine($"verify: exit code {exitCode}: {output}");
        var kept = stored >= acknowledged && stored <= acknowledged + unsure;
        Console.WriteLine($"{acknowledged:N0} events acknowledged{(unsure > 0 ? $", {unsure:N0} more answered before they were on disk" : "")}, {stored:N0} stored: {(kept ? "right" : "WRONG")}");
        return exitCode == 0 && kept;
    }
}
