using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>What other events say of who made a hit, beside what the hit alone says: the rules of docs/numbers.md that look further than one hit.</summary>
public static class MessageVerdicts
{
    /// <summary>Changes with the rules: a database judged by others is judged again at start.</summary>
    public const string Edition = "verdicts 2";

    /// <summary>Bare WebKit this many milliseconds after delivery is a mailbox that fetches every image; later it is a person.</summary>
    public const long AtDelivery = 60_000;

    /// <summary>Nobody reads a mail and clicks in fewer milliseconds after it was handed off.</summary>
    public const long TooFast = 2_000;

    /// <summary>Clicks this many milliseconds around that of a link nobody sees are the same machine's.</summary>
    public const long HoneypotReach = 10_000;

    /// <summary>Whether a hit later than everything known may be judged by what it alone says, and changes no verdict given before.</summary>
    /// <param name="state">What is known, the events of the same batch included.</param>
    /// <param name="lastClickAt">The click before this one, 0 for none.</param>
    public static bool StandsAlone(MessageState state, in StoredEvent hit, long sentAt, long deliveredAt, long lastClickAt, BurstRows bursts)
    {
        if (state.Swept)
        {
            return false;
        }

        if (hit.Type == EventType.Opened)
        {
            return !IsAtDelivery(hit, deliveredAt);
        }

        return (lastClickAt == 0 || hit.OccurredAt - lastClickAt > LinkBurst.Window)
            && !IsTooFast(hit, sentAt)
            && !IsHoneypot(hit)
            && !IsOfFleet(state, hit, bursts);
    }

    /// <summary>Whether an event that is no hit can change the verdict of hits that came before it.</summary>
    public static bool Turns(in StoredEvent stored) => stored.Type == EventType.Bounced;

    /// <summary>Gives every hit its verdict, but for those a person has given theirs.</summary>
    /// <param name="state">The message; learns whether hits still to come may be turned.</param>
    /// <param name="sorted">All its events, in the order they happened.</param>
    /// <returns>What its neighbours must know of it.</returns>
    public static List<Burst> Judge(MessageState state, List<StoredEvent> sorted, BurstRows bursts)
    {
        var facts = Facts.Of(sorted);
        var members = facts.Clicks > 1 ? LinkBurst.Find(sorted, bursts) : [];
        var burstBy = new HashSet<long>();
        var fleetBy = new HashSet<long>();
        for (var i = 0; i < sorted.Count; i++)
        {
            if (sorted[i].Type == EventType.Clicked)
            {
                sorted[i] = Click(state, sorted[i], members.Contains(i), facts, bursts);
                if (sorted[i].Fingerprint != 0 && !IsByHand(sorted[i]))
                {
                    (members.Contains(i) ? burstBy : sorted[i].Reasons.HasFlag(VerdictReasons.Fleet) ? fleetBy : null)?.Add(sorted[i].Fingerprint);
                }
            }
        }

        for (var i = 0; i < sorted.Count; i++)
        {
            if (sorted[i].Type == EventType.Opened)
            {
                sorted[i] = Open(sorted[i], burstBy, fleetBy, facts);
            }
        }

        state.Swept = members.Count > 0 || fleetBy.Count > 0 || facts.Honeypots.Count > 0;
        return members.Count > 0 ? LinkBurst.Rows(state, sorted, members) : [];
    }

    private static StoredEvent Click(MessageState state, in StoredEvent click, bool inBurst, Facts facts, BurstRows bursts)
    {
        var (signals, at) = (VerdictReasons.None, click.OccurredAt);
        signals |= inBurst ? VerdictReasons.Burst : IsOfFleet(state, click, bursts) ? VerdictReasons.Fleet : 0;
        signals |= facts.Honeypots.Exists(honeypot => Math.Abs(honeypot - at) <= HoneypotReach) ? VerdictReasons.Honeypot : 0;
        signals |= IsTooFast(click, facts.SentAt) ? VerdictReasons.TooFast : 0;
        signals |= at < facts.BouncedAt ? VerdictReasons.BeforeBounce : 0;
        return Turn(click, signals, Verdict.Scanner);
    }

    private static StoredEvent Open(in StoredEvent open, HashSet<long> burstBy, HashSet<long> fleetBy, Facts facts)
    {
        var signals = VerdictReasons.None;
        signals |= burstBy.Contains(open.Fingerprint) ? VerdictReasons.Burst : 0;
        signals |= fleetBy.Contains(open.Fingerprint) ? VerdictReasons.Fleet : 0;
        signals |= open.OccurredAt < facts.BouncedAt ? VerdictReasons.BeforeBounce : 0;
        return signals == VerdictReasons.None && IsAtDelivery(open, facts.DeliveredAt)
            ? Turn(open, VerdictReasons.BareWebKitAtDelivery, Verdict.Privacy)
            : Turn(open, signals, Verdict.Scanner);
    }

    // Only who looks like a person, alone, can turn out to be a machine.
    private static StoredEvent Turn(in StoredEvent hit, VerdictReasons signals, Verdict to)
    {
        var reasons = MayTurn(hit) ? hit.Reasons & ~VerdictReasons.OfContext : hit.Reasons;
        if (IsByHand(hit))
        {
            return hit with { Reasons = reasons };
        }

        return MayTurn(hit) && signals != VerdictReasons.None
            ? hit with { Verdict = to, Reasons = reasons | signals }
            : hit with { Verdict = hit.Origin, Reasons = reasons };
    }

    private static bool MayTurn(in StoredEvent hit) => hit.Origin.Group() is VerdictGroup.Person or VerdictGroup.Privacy;

    private static bool IsByHand(in StoredEvent hit) => hit.Reasons.HasFlag(VerdictReasons.ByHand);

    private static bool IsHoneypot(in StoredEvent click) => click.Origin == Verdict.Scanner && click.Reasons.HasFlag(VerdictReasons.Honeypot);

    private static bool IsTooFast(in StoredEvent click, long sentAt) =>
        sentAt != 0 && click.OccurredAt >= sentAt && click.OccurredAt - sentAt < TooFast;

    private static bool IsAtDelivery(in StoredEvent open, long deliveredAt) =>
        open.Origin == Verdict.Human && open.Reasons.HasFlag(VerdictReasons.BareWebKit)
        && deliveredAt != 0 && open.OccurredAt >= deliveredAt && open.OccurredAt - deliveredAt <= AtDelivery;

    // Who was judged by hand takes no part, so that a gateway's clicks, once corrected, are not asked about again and again.
    private static bool IsOfFleet(MessageState state, in StoredEvent click, BurstRows bursts) =>
        state.CampaignId != 0 && click.Fingerprint != 0 && MayTurn(click) && !IsByHand(click)
        && bursts.Elsewhere(state.CampaignId, state.MessageId, click.Fingerprint, click.OccurredAt);

    /// <param name="SentAt">First hand-off, 0 without one.</param>
    /// <param name="DeliveredAt">First delivery, 0 without one.</param>
    /// <param name="BouncedAt">Last bounce before any delivery: who was there earlier looked into the mail on its way.</param>
    /// <param name="Honeypots">Times at which the link nobody sees was fetched.</param>
    private readonly record struct Facts(long SentAt, long DeliveredAt, long BouncedAt, int Clicks, List<long> Honeypots)
    {
        public static Facts Of(List<StoredEvent> sorted)
        {
            var facts = new Facts(0, 0, 0, 0, []);
            foreach (var stored in sorted)
            {
                switch (stored.Type)
                {
                    case EventType.Sent when facts.SentAt == 0:
                        facts = facts with { SentAt = stored.OccurredAt };
                        break;
                    case EventType.Delivered when facts.DeliveredAt == 0:
                        facts = facts with { DeliveredAt = stored.OccurredAt };
                        break;
                    case EventType.Bounced when facts.DeliveredAt == 0:
                        facts = facts with { BouncedAt = stored.OccurredAt };
                        break;
                    case EventType.Clicked:
                        facts = facts with { Clicks = facts.Clicks + 1 };
                        if (IsHoneypot(stored))
                        {
                            facts.Honeypots.Add(stored.OccurredAt);
                        }

                        break;
                }
            }

            return facts;
        }
    }
}
