using System.Diagnostics;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Tests.Load;

/// <summary>How long an audience of a campaign takes to foresee, and to read as its import does, and what that needs of memory.</summary>
internal static class AudienceMeasure
{
    private const long Range = 32_768;
    private const int Chunk = 1_000;

    private static readonly AudienceRules s_audience = new(
        SegmentRuleJson.Stored("""{"event":"opened","within_days":365}"""), SegmentRuleJson.Stored("""{"event":"clicked","within_days":90}"""));

    public static void Run(string path, CancellationToken cancellationToken)
    {
        GC.Collect();
        var before = Process.GetCurrentProcess().WorkingSet64;
        using var reader = new AudienceReader(new SqliteFile(path), s_audience, TimeProvider.System.GetUtcNow(), campaignId: 1);
        var last = reader.Last();
        var watch = Stopwatch.StartNew();
        var figures = AudienceFigures.None;
        for (var after = 0L; after < last; after += Range)
        {
            cancellationToken.ThrowIfCancellationRequested();
            figures = reader.Add(figures, after, Math.Min(after + Range, last), takesDenied: false, []);
        }

        var foreseen = watch.Elapsed;
        watch.Restart();
        var members = 0L;
        for (var after = 0L; reader.Next(after, Chunk) is { Count: > 0 } found; after = found[^1].ContactId)
        {
            cancellationToken.ThrowIfCancellationRequested();
            members += found.Count;
        }

        Console.WriteLine();
        Console.WriteLine($"audience: opened in a year, without who clicked in 90 days: {figures.Included:N0} of them, {figures.Excluded:N0} left out, {figures.Suppressed:N0} suppressed");
        Console.WriteLine($"  foreseen in {foreseen.TotalMilliseconds:N0} ms; all {members:N0} read by the thousand, as an import does, in {watch.Elapsed.TotalMilliseconds:N0} ms ({members / watch.Elapsed.TotalSeconds:N0}/s)");
        Console.WriteLine($"  memory +{(Process.GetCurrentProcess().WorkingSet64 - before) / 1e6:N0} MB");
    }
}
