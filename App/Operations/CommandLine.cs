using ScoreTracking.Auth;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Operations;

/// <summary>What the program does besides serving.</summary>
public static class CommandLine
{
    private static readonly string[] s_verbs = ["verify", "rebuild", "backup FILE", "restore FILE", "healthcheck", "reset-admin EMAIL"];

    /// <summary>The verb, where the first argument is one.</summary>
    public static string? Verb(string[] args) => args.Length > 0 && !args[0].StartsWith('-') ? args[0] : null;

    /// <summary>What is configuration: a verb's own argument is not, and a path with a leading slash would be taken for a setting.</summary>
    public static string[] Settings(string[] args) => Verb(args) is null ? args : [.. args.SkipWhile(arg => !arg.StartsWith("--", StringComparison.Ordinal))];

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

        var argument = args.ElementAtOrDefault(1) ?? "";
        if (verb == "restore")
        {
            return await RestoreCommand.RunAsync(storage, argument, TimeProvider.System, Console.Out, cancellationToken);
        }

        if (!File.Exists(main.Path))
        {
            await Console.Error.WriteLineAsync($"There is no database at {main.Path}. Set DataDirectory.");
            return 2;
        }

        return verb switch
        {
            "reset-admin" => await AdminReset.RunAsync(storage, argument, Console.Out, cancellationToken),
            "backup" => await BackupCommand.RunAsync(storage, argument, Console.Out, cancellationToken),
            "verify" => await Recounting.VerifyAsync(main.Path, Console.Out, cancellationToken),
            _ => Rebuild(main, cancellationToken),
        };
    }

    private static int Rebuild(SqliteFile main, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(main, "wal_autocheckpoint=0");
        var mended = CounterRebuild.Run(connection, 0, cancellationToken).Count + SuppressionRecount.Rebuild(connection, cancellationToken).Count;
        Console.WriteLine(mended == 0 ? "Nothing was wrong." : $"{mended} differences mended.");
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
