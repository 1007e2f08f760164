using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.Demo;

/// <summary>How one recipient takes a mail: a plausible run of events with plausible gaps, from a random source with a fixed seed.</summary>
internal sealed class DemoReader(Random random)
{
    private const string ApplePrivacy = "Mozilla/5.0";
    private const string Scanner = "Mozilla/5.0 (compatible; Barracuda Sentinel)";

    /// <summary>Everything that happens to one message.</summary>
    /// <param name="appeal">Scales opening and clicking; 1 is usual.</param>
    /// <param name="patience">Median time from delivery to first open.</param>
    public IEnumerable<EmailEvent> Run(long messageId, string email, DateTimeOffset sentAt, double appeal, TimeSpan patience, IReadOnlyList<long> links)
    {
        yield return Event(messageId, EventType.Sent, sentAt, EventSource.Api);
        if (Chance(0.012))
        {
            var hard = Chance(0.45);
            yield return Event(messageId, EventType.Bounced, sentAt + Between(2, 90), EventSource.Api) with
            {
                Bounce = hard ? BounceKind.Hard : Chance(0.7) ? BounceKind.Soft : BounceKind.Block,
                Reason = hard ? "550 5.1.1 No such user" : "452 4.2.2 Mailbox full",
            };
            yield break;
        }

        var deliveredAt = sentAt + Between(1, 40);
        if (Chance(0.03))
        {
            yield return Event(messageId, EventType.Deferred, deliveredAt, EventSource.Api) with { Reason = "451 4.7.1 Try again later" };
            deliveredAt += Between(120, 2_400);
        }

        yield return Event(messageId, EventType.Delivered, deliveredAt, EventSource.Api);
        var city = DemoPlaces.City(random);
        if (Chance(0.02))
        {
            yield return Hit(messageId, EventType.Opened, deliveredAt + Between(4, 50), Scanner, city);
        }

        if (Chance(0.16))
        {
            yield return Hit(messageId, EventType.Opened, deliveredAt + Between(30, 7_000), ApplePrivacy, city);
        }

        if (!Chance(0.31 * appeal))
        {
            yield break;
        }

        foreach (var read in Reading(messageId, DemoPeople.Client(email, random), city, deliveredAt + Skewed(patience), appeal, links))
        {
            yield return read;
        }
    }

    private IEnumerable<EmailEvent> Reading(long messageId, DemoClient client, int city, DateTimeOffset openedAt, double appeal, IReadOnlyList<long> links)
    {
        yield return Open(messageId, client, city, openedAt);
        for (var again = openedAt; Chance(0.28);)
        {
            again += Skewed(TimeSpan.FromHours(9));
            yield return Open(messageId, client, Chance(0.05) ? DemoPlaces.City(random) : city, again);
        }

        for (var clickedAt = openedAt + Between(5, 120); links.Count > 0 && Chance(0.17 * appeal); clickedAt += Between(10, 300))
        {
            // The first links get most of the clicks.
            var link = links[(int)(links.Count * random.NextDouble() * random.NextDouble())];
            yield return Hit(messageId, EventType.Clicked, clickedAt, client.Clicks, city) with { LinkId = link };
        }

        if (Chance(0.006))
        {
            yield return Event(messageId, EventType.Unsubscribed, openedAt + Between(20, 600), EventSource.Tracking) with
            {
                SourceKey = string.Create(CultureInfo.InvariantCulture, $"unsubscribe:{messageId}"),
            };
        }
        else if (Chance(0.0015))
        {
            yield return Event(messageId, EventType.Complained, openedAt + Between(20, 4_000), EventSource.Api);
        }
    }

    private static EmailEvent Event(long messageId, EventType type, DateTimeOffset at, EventSource source) =>
        new() { Type = type, Source = source, MessageId = messageId, OccurredAt = at, ReceivedAt = at };

    private EmailEvent Open(long messageId, DemoClient client, int city, DateTimeOffset at) =>
        Hit(messageId, EventType.Opened, at, client.Opens, city) with { RefererHost = client.Webmail };

    private EmailEvent Hit(long messageId, EventType type, DateTimeOffset at, string agent, int city) => Event(messageId, type, at, EventSource.Tracking) with
    {
        UserAgent = agent,
        IpAddress = DemoPlaces.Address(city, random),
    };

    private bool Chance(double probability) => random.NextDouble() < probability;

    private TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * random.NextDouble()));

    // Most within the first hours, some after days: a log-normal of the given median.
    private TimeSpan Skewed(TimeSpan median)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return median * Math.Clamp(Math.Exp(1.3 * normal), 0.01, 30);
    }
}
