using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Journeys;

public sealed class JourneyOptions
{
    /// <summary>How long an event lies in the log before anybody moves by it: a machine is often known only by what it does next.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often, at most, a whole segment is looked through for people who joined it by time alone. Never more than a twentieth of the time goes into it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(30);
}
