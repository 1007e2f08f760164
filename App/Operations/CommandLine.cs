using System.Diagnostics;
using System.Globalization;
using ScoreTracking.Auth;
using ScoreTracking.Counters;
using ScoreTracking.Data;

namespace ScoreTracking.Operations;

/// <summary>What the program does besides serving.</summary>
public static class CommandLine
{
    private static readonly string[] s_verbs = ["verify", "rebuild", "healthcheck", "reset-admin EMAIL"];

    /// <summary>The verb, where the first argument is one.</summary>
    public static string? Verb(string[] args) => args.Length > 0 && !args[0].StartsWith('-') ? args[0] : null;

    /// <summary>Runs a verb on the data directory of the configuration.</summary>
    /// <returns>The exit code: 0 when all is well.</returns>
    public static async Task<int> RunAsync(string[] args, StorageOptions storage, string url, CancellationToken cancellationToken)
    {
        var main = new SqliteFile(storage.PathOf("scoretracking.db"));
        var verb = args[0];
        if (!s_verbs.Any(known => known.Split(' ')[0] == verb))
        {
            await Console.Error.WriteLineAsync($"There is no command '{verb}'. Known: {string.Join(", ", s_verbs)}; without one the server starts.");
            return 2;
        }

        if (verb == "healthcheck")
        {
            return await HealthcheckAsync(url, cancellationToken);
        }

        if (!File.Exists(main.Path))
        {
            await Console.Error.WriteLineAsync($"There is no database at {main.Path}. Set DataDirectory.");
            return 2;
        }

        if (verb == "reset-admin")
        {
            return await AdminReset.RunAsync(storage, args.ElementAtOrDefault(1) ?? "", Console.Out, cancellationToken);
        }

        return verb == "verify" ? Verify(main, cancellationToken) : Rebuild(main, cancellationToken);
    }

    private static int Verify(SqliteFile main, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        using var connection = new WriteConnection(main.Path, "query_only=1", "wal_autocheckpoint=0");

        // One snapshot, so that a running server may go on storing meanwhile.
        connection.Execute("BEGIN");
        var recount = new Recount(connection, 0);
        recount.Run(mend: null, cancellationToken);
        connection.Execute("COMMIT");

        foreach (var difference in recount.Differences)
        {
            Console.WriteLine($"{difference.What}: stored {difference.Stored}, recounted {difference.Recounted}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{recount.Events:N0} events of {recount.Messages:N0} messages recounted into {recount.Sums.Count:N0} counters in {watch.Elapsed.TotalSeconds:N1} s: {(recount.Differences.Count == 0 ? "no difference" : $"{recount.Differences.Count} differences")}"));
        return recount.Differences.Count == 0 ? 0 : 1;
    }

    private static int Rebuild(SqliteFile main, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(main.Path, "wal_autocheckpoint=0");
        var mended = CounterRebuild.Run(connection, 0, cancellationToken);
        Console.WriteLine(mended.Count == 0 ? "Nothing was wrong." : $"{mended.Count} differences mended.");
        return 0;
    }

    private static async Task<int> HealthcheckAsync(string url, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"{url.TrimEnd('/')}/readyz"), cancellationToken);
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
