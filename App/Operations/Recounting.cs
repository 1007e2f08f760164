using System.Diagnostics;
using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Journeys;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Operations;

/// <summary>Counts everything in a database again and says what differs.</summary>
internal static class Recounting
{
    /// <summary>In one snapshot, so that a running server may go on storing meanwhile.</summary>
    public static Recount Run(string path, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(path, "query_only=1", "wal_autocheckpoint=0");
        connection.Execute("BEGIN");
        var recount = new Recount(connection, 0);
        recount.Run(mend: null, cancellationToken);
        var suppressions = new SuppressionRecount(connection);
        suppressions.Run(mend: false, cancellationToken);
        recount.Differences.AddRange(suppressions.Differences);
        recount.Differences.AddRange(JourneyRecount.Run(connection));
        connection.Execute("COMMIT");
        return recount;
    }

    public static string Describe(Recount recount) => string.Create(CultureInfo.InvariantCulture,
        $"{recount.Events:N0} events of {recount.Messages:N0} messages recounted into {recount.Sums.Count:N0} counters: {(recount.Differences.Count == 0 ? "no difference" : $"{recount.Differences.Count} differences")}");

    /// <summary>The verb <c>verify</c>.</summary>
    public static async Task<int> VerifyAsync(string path, TextWriter output, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var recount = Run(path, cancellationToken);
        foreach (var difference in recount.Differences)
        {
            await output.WriteLineAsync($"{difference.What}: stored {difference.Stored}, recounted {difference.Recounted}");
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Describe(recount)}, in {watch.Elapsed.TotalSeconds:N1} s"));
        return recount.Differences.Count == 0 ? 0 : 1;
    }
}
