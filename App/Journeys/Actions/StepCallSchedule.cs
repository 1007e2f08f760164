using ScoreTracking.Data;
using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

/// <summary>When a webhook step that failed is tried again: as outbound webhooks are, the last time a day after the first. Pure.</summary>
internal static class StepCallSchedule
{
    /// <summary>How long somebody waits at most for an endpoint to mend.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(24);

    private const int Gone = 410;

    /// <param name="call">As it was before the attempt.</param>
    /// <returns>Unix milliseconds; 0 where it is over: arrived, gone for good, or given up.</returns>
    public static long Next(StepCall call, HookOutcome outcome, long now)
    {
        var end = call.CreatedAt + (long)GiveUpAfter.TotalMilliseconds;
        return outcome.Arrived || outcome.Status == Gone || now >= end || HookSchedule.After(call.Attempts + 1, outcome.RetryAfter) is not { } wait ? 0
            : Math.Min(now + HookSchedule.Spread(wait), end);
    }
}
