namespace ScoreTracking.Events;

/// <summary>An event matched to its message and judged, as its row in the log says it. Times are Unix milliseconds; 0 means none for every id.</summary>
/// <param name="Id">Position in the log: rises with arrival, never reused.</param>
/// <param name="OccurredAt">Clamped to at most five minutes after <paramref name="ReceivedAt"/>.</param>
/// <param name="Origin">What the hit alone says of who made it.</param>
/// <param name="Verdict">What it says among the other events of its message; the fold may turn it.</param>
/// <param name="Fingerprint">Hash of the /24 or /48 network and the user agent, 0 when neither is known.</param>
/// <param name="Place">Unknown for what is not a hit.</param>
/// <param name="Client">Unknown for what is not a hit.</param>
public readonly record struct StoredEvent(
    long Id,
    long MessageId,
    EventType Type,
    long OccurredAt,
    long ReceivedAt,
    EventSource Source,
    Verdict Origin,
    Verdict Verdict,
    VerdictReasons Reasons,
    long LinkId,
    long Fingerprint,
    BounceKind Bounce,
    Place Place,
    Client Client)
{
    /// <summary>The one order events of a message are counted in, whatever order they arrived in. Identifier last, so equal events stay interchangeable.</summary>
    public static readonly Comparer<StoredEvent> InTime = Comparer<StoredEvent>.Create((a, b) =>
    {
        var order = a.OccurredAt.CompareTo(b.OccurredAt);
        if (order == 0) order = a.Type.CompareTo(b.Type);
        if (order == 0) order = a.Origin.CompareTo(b.Origin);
        if (order == 0) order = a.LinkId.CompareTo(b.LinkId);
        if (order == 0) order = a.Fingerprint.CompareTo(b.Fingerprint);
        if (order == 0) order = a.Bounce.CompareTo(b.Bounce);
        if (order == 0) order = Compare(a.Place, b.Place);
        if (order == 0) order = Compare(a.Client, b.Client);
        if (order == 0) order = ByHand(a).CompareTo(ByHand(b));
        return order == 0 ? a.Id.CompareTo(b.Id) : order;
    });

    private static int ByHand(in StoredEvent stored) => stored.Reasons.HasFlag(VerdictReasons.ByHand) ? (int)stored.Verdict : 0;

    // By what they say, since their numbers depend on which was seen first.
    private static int Compare(Place a, Place b)
    {
        if (a.Id == b.Id) return 0;

        var order = string.CompareOrdinal(a.Country, b.Country);
        if (order == 0) order = string.CompareOrdinal(a.Region, b.Region);
        return order == 0 ? string.CompareOrdinal(a.City, b.City) : order;
    }

    private static int Compare(Client a, Client b)
    {
        if (a.Id == b.Id) return 0;

        var order = string.CompareOrdinal(a.Name, b.Name);
        if (order == 0) order = string.CompareOrdinal(a.Device, b.Device);
        if (order == 0) order = string.CompareOrdinal(a.Browser, b.Browser);
        return order == 0 ? string.CompareOrdinal(a.Os, b.Os) : order;
    }
}
