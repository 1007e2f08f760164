using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Ingest;

/// <summary>How much the write path takes in at once.</summary>
public sealed class IngestOptions
{
    /// <summary>Most events stored in one transaction.</summary>
    [Range(1, 65_536)] public int MaxBatch { get; set; } = 32_768;

    /// <summary>While busy, the shortest time between two transactions: a longer one makes batches larger and cheaper and figures later.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")] public TimeSpan BatchEvery { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Waiting requests per lane; opens and clicks beyond it are refused at once, the others wait up to two seconds.</summary>
    [Range(16, 100_000)] public int OpenLane { get; set; } = 5_000;
    [Range(16, 100_000)] public int ClickLane { get; set; } = 5_000;
    [Range(16, 100_000)] public int ReportLane { get; set; } = 8_000;
    [Range(16, 100_000)] public int UnsubscribeLane { get; set; } = 2_000;

    /// <summary>How long somebody who clicked waits for their click to be on disk; then they are redirected, and told that it may not be stored.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")] public TimeSpan ClickPatience { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Events on disk but not yet stored beyond which opens and clicks are refused.</summary>
    [Range(10_000, 100_000_000)] public long MaxBacklog { get; set; } = 2_000_000;

    /// <summary>Idempotency keys are remembered this long.</summary>
    [Range(typeof(TimeSpan), "90.00:00:00", "3650.00:00:00")] public TimeSpan KeepKeys { get; set; } = TimeSpan.FromDays(120);

    /// <summary>User agents are kept as they were sent for this long at most, three days less at least.</summary>
    [Range(typeof(TimeSpan), "3.00:00:00", "400.00:00:00")] public TimeSpan KeepUserAgents { get; set; } = TimeSpan.FromDays(30);

    /// <summary>A message deferred this long without delivery or bounce counts as blocked.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "10.00:00:00")] public TimeSpan DeferralLimit { get; set; } = TimeSpan.FromHours(72);

    /// <summary>Events without a known message are kept this long and stored when it appears.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "30.00:00:00")] public TimeSpan KeepUnmatched { get; set; } = TimeSpan.FromDays(7);

    /// <summary>What people and programs were told of is listed this long.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")] public TimeSpan KeepNotifications { get; set; } = TimeSpan.FromDays(90);

    /// <summary>What outbound webhooks were sent is listed this long; longer than the last retry, which comes after two days.</summary>
    [Range(typeof(TimeSpan), "3.00:00:00", "400.00:00:00")] public TimeSpan KeepDeliveries { get; set; } = TimeSpan.FromDays(7);
}
