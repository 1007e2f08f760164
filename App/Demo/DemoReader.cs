using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.Demo;

/// <summary>How one recipient takes a mail: a plausible run of events with plausible gaps, from a random source with a fixed seed.</summary>
internal sealed class DemoReader(Random random)
{
    private static readonly string[] s_people =
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Outlook 16.0.18129; Pro)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    ];

    private const string GmailProxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    private const string ApplePrivacy = "Mozilla/5.0";
    private const string Scanner = "Mozilla/5.0 (compatible; Barracuda Sentinel)";

    /// <summary>Everything that happens to one message.</summary>
    /// <param name="appeal">Scales opening and clicking; 1 is usual.</param>
    /// <param name="patience">Median time from delivery to first open.</param>
    public IEnumerable<EmailEvent> Run(long messageId, DateTimeOffset sentAt, double appeal, TimeSpan patience, IReadOnlyList<long> links)
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
        if (Chance(0.02))
        {
            yield return Hit(messageId, EventType.Opened, deliveredAt + Between(4, 50), Scanner);
        }

        if (Chance(0.16))
        {
            yield return Hit(messageId, EventType.Opened, deliveredAt + Between(30, 7_000), ApplePrivacy);
        }

        if (!Chance(0.31 * appeal))
        {
            yield break;
        }

        foreach (var read in Reading(messageId, deliveredAt + Skewed(patience), appeal, links))
        {
            yield return read;
        }
    }

    private IEnumerable<EmailEvent> Reading(long messageId, DateTimeOffset openedAt, double appeal, IReadOnlyList<long> links)
    {
        var agent = Chance(0.35) ? GmailProxy : s_people[random.Next(s_people.Length)];
        yield return Hit(messageId, EventType.Opened, openedAt, agent);
        for (var again = openedAt; Chance(0.28);)
        {
            again += Skewed(TimeSpan.FromHours(9));
            yield return Hit(messageId, EventType.Opened, again, agent);
        }

        // A proxy only fetches images: who clicks shows up as what they are.
        var browser = agent == GmailProxy ? s_people[random.Next(s_people.Length)] : agent;
        for (var clickedAt = openedAt + Between(5, 120); links.Count > 0 && Chance(0.17 * appeal); clickedAt += Between(10, 300))
        {
            // The first links get most of the clicks.
            yield return Hit(messageId, EventType.Clicked, clickedAt, browser) with { LinkId = links[(int)(links.Count * random.NextDouble() * random.NextDouble())] };
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

    // Addresses of the ranges set aside for documentation.
    private EmailEvent Hit(long messageId, EventType type, DateTimeOffset at, string agent) => Event(messageId, type, at, EventSource.Tracking) with
    {
        UserAgent = agent,
        IpAddress = string.Create(CultureInfo.InvariantCulture, $"{(random.Next(2) == 0 ? "198.51.100" : "203.0.113")}.{random.Next(1, 255)}"),
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
