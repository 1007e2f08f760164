using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>How one mailbox provider took the campaigns of the last weeks.</summary>
/// <param name="Provider">By the domain of the address; "Other" for a domain that is none of theirs.</param>
/// <param name="Delivered">Null where nobody reports deliveries.</param>
/// <param name="Complaints">Of what was sent, like the others.</param>
/// <param name="HardBounces">Addresses that do not exist.</param>
/// <param name="Blocks">Refused for policy, reputation or content.</param>
/// <param name="ComplaintLevel">usual; watch: from 0.1 % on; act: from 0.3 % on. Few messages prove nothing and are usual.</param>
/// <param name="HardBounceLevel">usual; watch: from 2 % on; act: from 5 % on.</param>
public sealed record ProviderHealth(
    string Provider, long Sent, long? Delivered, Ratio Complaints, Ratio HardBounces, Ratio Blocks, string ComplaintLevel, string HardBounceLevel);

/// <summary>All campaigns that started in a period, by mailbox provider. Their whole life counts, because a complaint is about the mail it answers.</summary>
public static class ProviderHealthQuery
{
    public const int DefaultDays = 30;
    public const int MaxDays = 365;

    private const string Statement = """
        SELECT dimension, key, type, sum(uniq), sum(total) FROM counters
        WHERE campaign_id IN (SELECT id FROM campaigns WHERE started_at >= $from AND started_at > 0)
            AND dimension IN ($provider, $bounce) AND type IN ($sent, $delivered, $bounced, $complained) AND verdict = 0
        GROUP BY dimension, key, type
        """;

    /// <summary>Most sent first, "Other" last; providers nothing was sent to are left out.</summary>
    public static async Task<IReadOnlyList<ProviderHealth>> RunAsync(ScoreDb db, int days, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var tallies = new Dictionary<int, Tally>();
        await Sql.ReadAsync(
            db,
            Statement,
            [
                ("$from", now.AddDays(-days).ToUnixTimeMilliseconds()), ("$provider", Dimension.Provider.Name), ("$bounce", Dimension.ProviderBounce.Name),
                ("$sent", (int)EventType.Sent), ("$delivered", (int)EventType.Delivered), ("$bounced", (int)EventType.Bounced), ("$complained", (int)EventType.Complained),
            ],
            row =>
            {
                var key = long.Parse(row.GetString(1), CultureInfo.InvariantCulture);
                if (row.GetString(0) == Dimension.Provider.Name)
                {
                    Of(key).Add((EventType)row.GetInt32(2), row.GetInt64(3), row.GetInt64(4));
                }
                else
                {
                    var (provider, kind) = Dimension.ReadProviderBounce(key);
                    Of(provider).AddBounced(kind, row.GetInt64(3));
                }
            },
            cancellationToken);
        var knowsDeliveries = tallies.Values.Any(tally => tally.Reported > 0);
        return
        [
            .. tallies
                .Where(tally => tally.Value.Sent > 0)
                .OrderBy(tally => MailboxProvider.Find(tally.Key) == MailboxProvider.Other)
                .ThenByDescending(tally => tally.Value.Sent)
                .ThenBy(tally => tally.Key)
                .Select(tally => tally.Value.Health(MailboxProvider.Find(tally.Key).Name, knowsDeliveries)),
        ];

        Tally Of(long provider)
        {
            // A number of a later release reads as Other.
            var known = MailboxProvider.Find(provider).Number;
            return tallies.TryGetValue(known, out var tally) ? tally : tallies[known] = new Tally();
        }
    }

    private static string Level(Ratio rate, double watch, double act) =>
        rate is { Numerator: < DeliveryLimits.MinEvents } or { Denominator: null or < DeliveryLimits.MinSent } ? "usual"
        : rate.Rate >= act ? "act"
        : rate.Rate >= watch ? "watch"
        : "usual";

    private sealed class Tally
    {
        private long _delivered;
        private long _complained;
        private long _hard;
        private long _blocked;

        public long Sent { get; private set; }

        /// <summary>Deliveries that were reported, twice or not.</summary>
        public long Reported { get; private set; }

        public void Add(EventType type, long unique, long total)
        {
            switch (type)
            {
                case EventType.Sent:
                    Sent += unique;
                    break;
                case EventType.Delivered:
                    _delivered += unique;
                    Reported += total;
                    break;
                case EventType.Complained:
                    _complained += unique;
                    break;
                default: // bounces, which are told by their kind
                    break;
            }
        }

        public void AddBounced(BounceKind kind, long unique)
        {
            _hard += kind == BounceKind.Hard ? unique : 0;
            _blocked += kind == BounceKind.Block ? unique : 0;
        }

        public ProviderHealth Health(string provider, bool knowsDeliveries)
        {
            var (complaints, hard) = (new Ratio(_complained, Sent), new Ratio(_hard, Sent));
            return new ProviderHealth(
                provider, Sent, knowsDeliveries ? _delivered : null, complaints, hard, new Ratio(_blocked, Sent),
                Level(complaints, DeliveryLimits.ComplaintWarning, DeliveryLimits.ComplaintBad), Level(hard, DeliveryLimits.BounceWarning, DeliveryLimits.BounceBad));
        }
    }
}
