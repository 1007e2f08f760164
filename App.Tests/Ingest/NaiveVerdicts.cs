using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;

namespace ScoreTracking.Tests.Ingest;

/// <summary>The rules of docs/numbers.md read word for word, every hit compared with every other: far too slow for a server, and right at a glance.</summary>
internal static class NaiveVerdicts
{
    private sealed record Hit(EmailEvent Reported, long At, Verdict Origin, VerdictReasons Reasons, long Fingerprint)
    {
        public long Message => Reported.MessageId;
        public bool IsClick => Reported.Type == EventType.Clicked;
        public bool MayTurn => Origin is Verdict.Human or Verdict.Proxy or Verdict.Privacy;
        public bool IsHoneypot => Origin == Verdict.Scanner && Reasons == VerdictReasons.Honeypot;
        public bool InBurst { get; set; }
        public bool OfFleet { get; set; }
        public bool ByHand { get; set; }
    }

    public static Dictionary<string, (Verdict Verdict, VerdictReasons Reasons)> Of(VerdictStorm storm)
    {
        var hits = storm.Events.Where(reported => reported.Type.IsHit()).Select(reported =>
        {
            var (origin, reasons) = OriginRules.Judge(reported);
            return new Hit(reported, At(reported), origin, reasons & ~VerdictReasons.BareWebKit, Fingerprint.Of(System.Net.IPAddress.Parse(reported.IpAddress!), reported.UserAgent))
            {
                ByHand = storm.ByHand.TryGetValue(reported.SourceKey!, out var given) && given != Verdict.None,
            };
        }).ToList();

        // Rule 8: some two seconds around the click hold three links of the message, or both where it has two.
        var sweeping = hits.Where(hit => hit.IsClick && hit.Origin is not (Verdict.Self or Verdict.Prefetch)).ToList();
        foreach (var click in sweeping)
        {
            click.InBurst = sweeping.Where(start => start.Message == click.Message && start.At <= click.At && click.At - start.At <= 2_000).Any(start =>
            {
                var links = sweeping.Where(other => other.Message == click.Message && other.At >= start.At && other.At - start.At <= 2_000 && other.Reported.LinkId != 0)
                    .Select(other => other.Reported.LinkId).Distinct().ToList();
                return links.Count >= 3 || (links.Count == 2 && links.TrueForAll(link => storm.LinksBeside[link] == 2));
            });
        }

        // Rule 9: the same client in a burst of another message of the campaign, ten minutes before or after.
        foreach (var click in hits.Where(hit => hit is { IsClick: true, MayTurn: true, InBurst: false, ByHand: false }))
        {
            click.OfFleet = sweeping.Exists(other => other.InBurst && other.Message != click.Message && other.Fingerprint == click.Fingerprint
                && storm.CampaignOf[other.Message] == storm.CampaignOf[click.Message] && Math.Abs(other.At - click.At) <= 600_000);
        }

        return hits.ToDictionary(hit => hit.Reported.SourceKey!, hit => Judge(storm, hits, hit));
    }

    private static (Verdict, VerdictReasons) Judge(VerdictStorm storm, List<Hit> hits, Hit hit)
    {
        if (hit.ByHand)
        {
            return (storm.ByHand[hit.Reported.SourceKey!], hit.Reasons | VerdictReasons.ByHand);
        }

        if (!hit.MayTurn)
        {
            return (hit.Origin, hit.Reasons);
        }

        var own = storm.Events.Where(other => other.MessageId == hit.Message).ToList();
        var around = hits.Where(other => other.Message == hit.Message).ToList();
        var firstDelivery = own.Where(other => other.Type == EventType.Delivered).Select(At).DefaultIfEmpty(long.MaxValue).Min();
        var firstSent = own.Where(other => other.Type == EventType.Sent).Select(At).DefaultIfEmpty(long.MaxValue).Min();
        var signals = VerdictReasons.None;
        if (hit.InBurst || (!hit.IsClick && around.Exists(click => click is { InBurst: true, ByHand: false } && click.Fingerprint == hit.Fingerprint)))
        {
            signals |= VerdictReasons.Burst;
        }

        if (hit.OfFleet || (!hit.IsClick && around.Exists(click => click.OfFleet && click.Fingerprint == hit.Fingerprint)))
        {
            signals |= VerdictReasons.Fleet;
        }

        if (hit.IsClick && around.Exists(other => other.IsHoneypot && Math.Abs(other.At - hit.At) <= 10_000))
        {
            signals |= VerdictReasons.Honeypot;
        }

        if (hit.IsClick && hit.At >= firstSent && hit.At - firstSent < 2_000)
        {
            signals |= VerdictReasons.TooFast;
        }

        if (own.Exists(bounce => bounce.Type == EventType.Bounced && At(bounce) < firstDelivery && At(bounce) > hit.At))
        {
            signals |= VerdictReasons.BeforeBounce;
        }

        if (signals != VerdictReasons.None)
        {
            return (Verdict.Scanner, hit.Reasons | signals);
        }

        var bareWebKit = hit.Reported.UserAgent!.EndsWith("AppleWebKit/605.1.15 (KHTML, like Gecko)", StringComparison.Ordinal);
        return !hit.IsClick && bareWebKit && hit.At >= firstDelivery && hit.At - firstDelivery <= 60_000
            ? (Verdict.Privacy, hit.Reasons | VerdictReasons.BareWebKitAtDelivery)
            : (hit.Origin, hit.Reasons);
    }

    private static long At(EmailEvent reported) => reported.OccurredAt.ToUnixTimeMilliseconds();
}
