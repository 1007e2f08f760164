using ScoreTracking.Components;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Events as these pages call and colour them.</summary>
internal static class ReceivedWords
{
    public static string Title(EventType type) => char.ToUpperInvariant(type.Name()[0]) + type.Name()[1..];

    public static Tone ToneOf(EventType type, BounceKind bounce) => type switch
    {
        EventType.Delivered or EventType.Replied => Tone.Good,
        EventType.Bounced => bounce == BounceKind.Hard ? Tone.Bad : Tone.Warning,
        EventType.Complained => Tone.Bad,
        EventType.Deferred or EventType.Dropped or EventType.Unsubscribed => Tone.Warning,
        EventType.Processed or EventType.Sent or EventType.Opened or EventType.Clicked => Tone.Neutral,
    };

    /// <summary>"hard · 5.1.1"; empty for what is no bounce.</summary>
    public static string Bounce(BounceKind bounce, string? status) => status is null || bounce == BounceKind.None ? bounce.Name() : $"{bounce.Name()} · {status}";

    public static string Title(SampleKind kind) => kind switch
    {
        SampleKind.Delivered => "Delivered",
        SampleKind.HardBounce => "Hard bounce",
        SampleKind.Complained => "Complaint",
    };
}
