using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Reads rows of the log as the fold wants them.</summary>
public static class LogReader
{
    /// <summary>The columns <see cref="Read"/> expects, in order.</summary>
    public const string Columns = "message_id, id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, place_id, client_id";

    public static StoredEvent Read(Statement row, Catalog catalog) => new(
        Id: row.Number(1),
        MessageId: row.Number(0),
        Type: (EventType)row.Number(2),
        OccurredAt: row.Number(3),
        ReceivedAt: row.Number(4),
        Source: (EventSource)row.Number(5),
        Origin: (Verdict)row.Number(6),
        Verdict: (Verdict)row.Number(7),
        Reasons: (VerdictReasons)row.Number(8),
        LinkId: row.Number(9),
        Fingerprint: row.Number(10),
        Bounce: (BounceKind)row.Number(11),
        Place: catalog.Place(row.Number(13)),
        Client: catalog.Client(row.Number(14)));

    /// <summary>Whether the row is marked as a repeated hit.</summary>
    public static bool IsRepeat(Statement row) => row.Number(12) != 0;
}
