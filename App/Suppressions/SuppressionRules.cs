using System.Text.RegularExpressions;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>Which events mean "never again", and what outweighs what.</summary>
public static partial class SuppressionRules
{
    /// <summary>The reason one event is by itself, or null. Soft bounces add up instead: <see cref="SoftBounceStreak"/>.</summary>
    public static string? ReasonFor(EventType type, BounceKind bounce) => type switch
    {
        EventType.Bounced when bounce == BounceKind.Hard => SuppressionReason.HardBounce,
        EventType.Complained => SuppressionReason.Complaint,
        EventType.Unsubscribed => SuppressionReason.Unsubscribed,
        EventType.Bounced or EventType.Processed or EventType.Sent or EventType.Delivered or EventType.Deferred or EventType.Dropped
            or EventType.Opened or EventType.Clicked or EventType.Replied => null,
    };

    /// <summary>How the address came onto the list, by the door of the event.</summary>
    public static string SourceFor(EventSource source) => source switch
    {
        EventSource.Tracking => SuppressionSource.TrackingLink,
        EventSource.Api => SuppressionSource.Api,
        EventSource.Webhook or EventSource.Inbound => SuppressionSource.Webhook,
        EventSource.Smtp or EventSource.Rule => SuppressionSource.Smtp,
    };

    /// <summary>The ground an address is listed by: what the person said outweighs what a server said, and both what was entered by hand.</summary>
    public static SuppressionGround Gravest(IEnumerable<SuppressionGround> grounds) => grounds.MinBy(ground => SuppressionReason.All.IndexOf(ground.Reason));

    /// <summary>Whether lifting needs a note: the person asked for it, so taking it back must be explained.</summary>
    public static bool NeedsNote(string reason) => reason is SuppressionReason.Complaint or SuppressionReason.Unsubscribed;

    /// <summary>Whether a server put a message off by its policy (4.7.x), which says nothing about the mailbox.</summary>
    public static bool IsPolicy(string reason) => PolicyStatus().IsMatch(reason);

    /// <summary>Whether a lift of the address has done away with a ground.</summary>
    public static bool IsLifted(in SuppressionGround ground, IReadOnlyList<SuppressionLift> lifts)
    {
        foreach (var lift in lifts)
        {
            if (lift.Covers(ground))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"(?<![\d.])4\.7\.\d{1,3}(?![\d.])")]
    private static partial Regex PolicyStatus();
}

/// <summary>One reason against an address.</summary>
/// <param name="MessageId">The message whose event it is; 0 for what a person or a file said.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
/// <param name="EventId">Position of the event in the log; not stored.</param>
public readonly record struct SuppressionGround(
    string Email, string Reason, string Source, long CampaignId, long MessageId, string Note, long CreatedAt, long EventId = 0)
{
    /// <summary>Of two grounds for the same reason the earlier stays; identifiers last, so that any order of arrival ends in the same one.</summary>
    public bool IsBefore(in SuppressionGround other) =>
        (CreatedAt, MessageId == 0, MessageId).CompareTo((other.CreatedAt, other.MessageId == 0, other.MessageId)) < 0;
}

/// <summary>An address taken off the list.</summary>
/// <param name="Reason">What was lifted; "" for everything.</param>
/// <param name="AfterEvent">The last event the log had then.</param>
/// <param name="Reported">An ESP said so, by the time it happened; otherwise a person did, knowing the log up to <paramref name="AfterEvent"/>.</param>
public readonly record struct SuppressionLift(string Reason, long LiftedAt, long AfterEvent, bool Reported)
{
    public bool Covers(in SuppressionGround ground) =>
        (Reason.Length == 0 || Reason == ground.Reason)
        && (Reported || ground.EventId == 0 ? ground.CreatedAt <= LiftedAt : ground.EventId <= AfterEvent);
}

/// <summary>The reasons as stored and as the API writes them.</summary>
public static class SuppressionReason
{
    public const string Complaint = "complaint";
    public const string Unsubscribed = "unsubscribed";
    public const string HardBounce = "hard_bounce";
    public const string SoftBounce = "soft_bounce";
    public const string Manual = "manual";
    public const string Import = "import";

    /// <summary>The gravest first.</summary>
    public static readonly List<string> All = [Complaint, Unsubscribed, HardBounce, SoftBounce, Manual, Import];
}

/// <summary>How an address came onto the list, as stored and as the API writes it.</summary>
public static class SuppressionSource
{
    public const string Webhook = "webhook";
    public const string TrackingLink = "tracking_link";
    public const string Api = "api";
    public const string Manual = "manual";
    public const string CsvImport = "csv_import";
    public const string Smtp = "smtp";

    public static readonly IReadOnlyList<string> All = [Webhook, TrackingLink, Api, Manual, CsvImport, Smtp];
}
