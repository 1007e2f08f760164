namespace ScoreTracking.Events;

/// <summary>What can happen to a message. The numbers are stored: append, never renumber.</summary>
public enum EventType : byte
{
    Processed = 1,
    Sent = 2,
    Delivered = 3,
    Deferred = 4,
    Dropped = 5,
    Bounced = 6,
    Opened = 7,
    Clicked = 8,
    Complained = 9,
    Unsubscribed = 10,
    Replied = 11,
}

/// <summary>The field's spelling of each type, as the API, webhooks and CSV files write it.</summary>
public static class EventTypes
{
    public static readonly IReadOnlyList<EventType> All = Enum.GetValues<EventType>();

    private static readonly Dictionary<string, EventType> s_byName = All.ToDictionary(Name, StringComparer.Ordinal);

    public static string Name(this EventType type) => type switch
    {
        EventType.Processed => "processed",
        EventType.Sent => "sent",
        EventType.Delivered => "delivered",
        EventType.Deferred => "deferred",
        EventType.Dropped => "dropped",
        EventType.Bounced => "bounced",
        EventType.Opened => "opened",
        EventType.Clicked => "clicked",
        EventType.Complained => "complained",
        EventType.Unsubscribed => "unsubscribed",
        EventType.Replied => "replied",
    };

    public static bool TryParse(string? name, out EventType type) => s_byName.TryGetValue(name ?? "", out type);

    /// <summary>Opens and clicks: a hit on one of our links, which may be a machine's and gets a verdict.</summary>
    public static bool IsHit(this EventType type) => type is EventType.Opened or EventType.Clicked;
}
