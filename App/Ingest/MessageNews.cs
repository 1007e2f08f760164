using System.Net;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;

namespace ScoreTracking.Ingest;

/// <summary>
/// What of the reports about one message is news, and as what it is stored: neither what was stored before, nor an ESP's opens and
/// clicks where our own pixel and links see them already, nor what is not to be kept of anybody. Within the batch's transaction.
/// </summary>
internal sealed class MessageNews(
    WriteConnection connection, Surroundings surroundings, TrackingPolicy policy, ReceivedRows received, NamelessHits nameless, EventRows rows)
{
    // A reporter's clock may run ahead; it is not trusted further than this when events are put in order.
    private const long ClockLead = 5 * 60 * 1000;
    private const long Day = 24 * 60 * 60 * 1000;

    private readonly KnownOrigins _origins = new();
    private readonly Statement _key = connection.Prepare("INSERT INTO event_keys (key, day) VALUES (?1, ?2) ON CONFLICT DO NOTHING");

    /// <summary>Events the log does not have yet.</summary>
    public List<Piece> Events { get; } = [];

    /// <summary>Verdicts a person gave to events, by their position.</summary>
    public Dictionary<long, Verdict> ByHand { get; } = [];

    public bool Any => Events.Count > 0 || ByHand.Count > 0;

    public void Clear()
    {
        Events.Clear();
        ByHand.Clear();
    }

    /// <summary>Takes what was reported about a message, in order of arrival.</summary>
    /// <returns>True where it counted a hit that must not be anybody's.</returns>
    public bool Take(ReadOnlySpan<(long MessageId, InboxEvent Event)> reports, MessageState state)
    {
        Clear();
        var counted = false;
        foreach (var (_, (position, reported)) in reports)
        {
            if (reported.Reclassifies != 0)
            {
                ByHand[reported.Reclassifies] = reported.KnownVerdict;
                continue;
            }

            // Late news of somebody who was erased.
            if (state.Erased)
            {
                continue;
            }

            // Who is not to be tracked leaves no trace, neither in our log nor in what the ESP was heard to say.
            if (reported.Type.IsHit() && policy.For(state.Consent) is var level and not TrackingLevel.Individual)
            {
                counted |= level == TrackingLevel.Nameless && CountNameless(reported, state);
                continue;
            }

            received.Keep(position, reported, state.MessageId);
            if (!SeenByUs(reported, state) && !IsKnown(reported))
            {
                Events.Add(new Piece(Stored(position, reported, state), reported));
            }
        }

        return counted;
    }

    private StoredEvent Stored(long position, EmailEvent reported, MessageState state)
    {
        var (verdict, reasons) = _origins.Judge(reported);
        var address = reported.Type.IsHit() && IPAddress.TryParse(reported.IpAddress, out var parsed) ? parsed : null;
        var receivedAt = reported.ReceivedAt.ToUnixTimeMilliseconds();
        return new StoredEvent(
            position,
            state.MessageId,
            reported.Type,
            // Never 0, which means "did not happen".
            Math.Clamp(reported.OccurredAt.ToUnixTimeMilliseconds(), 1, receivedAt + ClockLead),
            receivedAt,
            reported.Source,
            verdict,
            verdict,
            reasons,
            LinkOf(reported, state.CampaignId),
            reported.Type.IsHit() ? Fingerprint.Of(address, reported.UserAgent) : 0,
            reported.Type == EventType.Bounced && reported.Bounce == BounceKind.None ? BounceKind.Soft : reported.Bounce,
            surroundings.Places.Of(reported, address, verdict),
            surroundings.Clients.Of(reported));
    }

    private bool CountNameless(EmailEvent reported, MessageState state)
    {
        if (state.CampaignId == 0 || SeenByUs(reported, state) || IsKnown(reported))
        {
            return false;
        }

        nameless.Add(state.CampaignId, reported.Type, LinkOf(reported, state.CampaignId), _origins.Judge(reported).Verdict);
        return true;
    }

    private static bool SeenByUs(EmailEvent reported, MessageState state) =>
        reported.Source == EventSource.Webhook && reported.Type.IsHit() && state.Tracked;

    private bool IsKnown(EmailEvent reported)
    {
        if (reported.SourceKey is not { } key)
        {
            return false;
        }

        Span<byte> stored = stackalloc byte[SourceKeys.Length];
        SourceKeys.Write(key, stored);
        _key.Bind(1, stored).Bind(2, reported.ReceivedAt.ToUnixTimeMilliseconds() / Day).Run();
        return connection.Changes == 0;
    }

    private long LinkOf(EmailEvent reported, long campaignId) => reported switch
    {
        { Type: not EventType.Clicked } => 0,
        { LinkId: > 0 } => reported.LinkId,
        { Url: { } url } when campaignId != 0 => rows.LinkByUrl(campaignId, url),
        _ => 0,
    };
}
