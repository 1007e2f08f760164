using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Notifications;

public sealed class NotificationOptions
{
    /// <summary>How long an event lies in the log before anybody is told: a machine is often known only by what it does next.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(3);
}
