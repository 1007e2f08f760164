using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>What happens to the mail of two campaigns whose recipients sit behind three gateways: random, from a seed.</summary>
internal sealed class VerdictStorm(Random random)
{
    private const int MessagesPerCampaign = 24;
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string BareWebKit = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";

    private static readonly (string Agent, string Ip)[] s_gateways = [(Chrome, "198.51.100.1"), (Some.ApplePrivacy, "198.51.100.1"), (Chrome, "192.0.2.200")];

    public List<EmailEvent> Events { get; } = [];

    /// <summary>By source key; None for a verdict that was given back to the rules.</summary>
    public Dictionary<string, Verdict> ByHand { get; } = [];

    /// <summary>How many links stand in the content of a link.</summary>
    public Dictionary<long, int> LinksBeside { get; } = [];

    public Dictionary<long, long> CampaignOf { get; } = [];

    public static async Task<VerdictStorm> GivenAsync(TestApp app, int seed)
    {
        var storm = new VerdictStorm(new Random(seed));
        for (var i = 0; i < 2; i++)
        {
            var campaign = await app.GivenCampaignAsync(variants: 2);
            var two = await storm.LinksAsync(app, campaign, "c1", 2);
            var five = await storm.LinksAsync(app, campaign, "c2", 5);
            for (var message = 0; message < MessagesPerCampaign; message++)
            {
                var id = await app.GivenMessageAsync(campaign, variant: message % 2);
                storm.CampaignOf[id] = campaign;
                storm.Happen(id, message % 2 == 0 ? two : five);
            }
        }

        storm.Judge();
        return storm;
    }

    private async Task<long[]> LinksAsync(TestApp app, long campaign, string content, int count)
    {
        var links = new long[count];
        for (var i = 0; i < count; i++)
        {
            links[i] = await app.GivenLinkAsync(campaign, $"https://example.com/{content}/{i}", i + 1, content);
            LinksBeside[links[i]] = count;
        }

        return links;
    }

    private void Happen(long message, long[] links)
    {
        var sentAt = Between(0, 40 * 60_000);
        var deliveredAt = sentAt + Between(0, random.Next(3) == 0 ? 120_000 : 3_000);
        Maybe(0.9, () => Add(message, EventType.Sent, sentAt));
        Maybe(0.8, () => Add(message, EventType.Delivered, deliveredAt));
        Maybe(0.35, () => Add(message, EventType.Bounced, sentAt + Between(0, 120_000), bounce: (BounceKind)random.Next(1, 4)));
        Maybe(0.5, () => Hit(message, EventType.Opened, deliveredAt + Between(-2_000, 120_000), (BareWebKit, $"203.0.113.{message % 200}")));
        for (var visits = random.Next(0, 3); visits > 0; visits--)
        {
            Sweep(message, links, sentAt + Between(0, random.Next(4) switch { 0 => 2_000, 1 => 60_000, _ => 60 * 60_000 }));
        }

        for (var reads = random.Next(0, 4); reads > 0; reads--)
        {
            Read(message, links, sentAt + Between(0, 2 * 60 * 60_000));
        }

        Maybe(0.08, () => Hit(message, EventType.Clicked, sentAt + Between(0, 60_000), s_gateways[0], honeypot: true));
    }

    private void Sweep(long message, long[] links, int at)
    {
        var gateway = s_gateways[random.Next(s_gateways.Length)];
        Maybe(0.5, () => Hit(message, EventType.Opened, at + Between(-1_000, 1_000), gateway));
        foreach (var link in links)
        {
            // A few of the links, one by another of the gateway's faces, and not always fast enough.
            Maybe(0.7, () => Hit(message, EventType.Clicked, at + Between(0, 3_500), random.Next(5) == 0 ? s_gateways[random.Next(s_gateways.Length)] : gateway, link));
        }
    }

    private void Read(long message, long[] links, int at)
    {
        var reader = (Some.Firefox, $"203.0.113.{random.Next(200)}");
        Hit(message, EventType.Opened, at, reader);
        Maybe(0.3, () => Hit(message, EventType.Opened, at + Between(0, 40_000), reader));
        Maybe(0.6, () => Hit(message, EventType.Clicked, at + Between(1_000, 30_000), reader, links[random.Next(links.Length)]));
        Maybe(0.2, () => Hit(message, EventType.Clicked, at + Between(1_000, 30_000), (Some.Scanner, "192.0.2.1"), links[random.Next(links.Length)]));
    }

    private void Judge()
    {
        foreach (var hit in Events.Where(reported => reported.Type.IsHit() && random.Next(12) == 0))
        {
            ByHand[hit.SourceKey!] = (Verdict)random.Next(0, 7);
        }
    }

    private void Hit(long message, EventType type, int at, (string Agent, string Ip) by, long link = 0, bool honeypot = false)
    {
        Add(message, type, at, link, by.Agent, by.Ip);
        if (honeypot)
        {
            Events[^1] = Events[^1] with { KnownVerdict = Verdict.Scanner, KnownReasons = VerdictReasons.Honeypot };
        }
    }

    // Quarters of a second, so that some fall on the same moment and some on the very edge of a window.
    private void Add(long message, EventType type, int at, long link = 0, string? agent = null, string? ip = null, BounceKind bounce = BounceKind.None) =>
        Events.Add(Some.Event(message, type, TimeSpan.FromMilliseconds(at / 250 * 250), $"storm:{Events.Count}", link, agent, ip, bounce));

    private int Between(int from, int to) => random.Next(from, to + 1);

    private void Maybe(double probability, Action happen)
    {
        if (random.NextDouble() < probability)
        {
            happen();
        }
    }
}
