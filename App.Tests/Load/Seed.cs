using System.Diagnostics;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Load;

/// <summary>A data directory with campaigns, links and messages to which nothing has happened yet, and a tracking id of each kind for every message, in random order.</summary>
public sealed class Seed
{
    public const int IdLength = TrackingIds.Length;

    /// <summary>Of each campaign when it has a test: three subjects × two contents.</summary>
    public const int TestVariants = 6;

    /// <summary>Their ids count from 1 in the first campaign.</summary>
    public const int LinksPerCampaign = 5;

    private const string Test = """
        {"factors":[{"field":"subject","levels":[{"key":"s1","value":"A"},{"key":"s2","value":"B"},{"key":"s3","value":"C"}]},
                    {"field":"html","levels":[{"key":"c1","value":"<p>A</p>"},{"key":"c2","value":"<p>B</p>"}]}]}
        """;

    private readonly int _variants;

    private Seed(string directory, int messages, int campaigns, int variants)
    {
        _variants = variants;
        Directory = directory;
        Messages = messages;
        Campaigns = campaigns;
        Main = new SqliteFile(new StorageOptions { DataDirectory = directory }.PathOf("scoretracking.db"));
    }

    public string Directory { get; }

    /// <summary>Their ids count from 1.</summary>
    public int Messages { get; }

    public int Campaigns { get; }

    public SqliteFile Main { get; }

    /// <summary>How long making it took.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Tracking ids of every message's pixel, one after the other.</summary>
    public byte[] OpenIds { get; private set; } = [];

    /// <summary>Tracking ids of one random link of every message, one after the other.</summary>
    public byte[] ClickIds { get; private set; } = [];

    /// <summary>Message and link ids behind <see cref="ClickIds"/>, in its order; the messages are those of <see cref="OpenIds"/> too.</summary>
    public IReadOnlyList<(int MessageId, int LinkId)> Order { get; private set; } = [];

    public static string Url(int position) => $"https://www.example.com/offers/{position}?utm_source=newsletter";

    /// <summary>Makes one in an empty directory.</summary>
    public static Task<Seed> MakeAsync(string directory, int messages, int campaigns, CancellationToken cancellationToken) =>
        MakeAsync(directory, messages, campaigns, hasTest: false, cancellationToken);

    /// <param name="hasTest">Every campaign is a test of <see cref="TestVariants"/> variants.</param>
    public static async Task<Seed> MakeAsync(string directory, int messages, int campaigns, bool hasTest, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var seed = new Seed(directory, messages, campaigns, hasTest ? TestVariants : 1);
        Migrator.Apply(seed.Main);
        CounterRebuild.BuildMissing(seed.Main, TimeProvider.System, cancellationToken);
        await seed.WriteCampaignsAsync(cancellationToken);

        // One core writes rows while the other signs ids.
        var rows = Task.Run(seed.WriteMessages, cancellationToken);
        seed.SignIds();
        await rows;
        seed.Elapsed = watch.Elapsed;
        return seed;
    }

    private async Task WriteCampaignsAsync(CancellationToken cancellationToken)
    {
        await using var db = new ScoreDb(new DbContextOptionsBuilder<ScoreDb>().UseSqlite(Main.ConnectionString).Options);
        for (var campaign = 1; campaign <= Campaigns; campaign++)
        {
            db.Add(new Campaign
            {
                Id = campaign,
                Name = $"Campaign {campaign}",
                Status = CampaignStatus.Running,
                FromEmail = "news@example.com",
                FromName = "Example",
                TrackOpens = true,
                TrackClicks = true,
                Delivery = "external",
                Subject = "Hello",
                Preheader = "",
                Html = "<p>Hello</p>",
                PlainText = "",
                Seed = new byte[32],
                AbTest = _variants == 1 ? null : Test,
                CreatedAt = TimeProvider.System.GetUtcNow(),
            });
            for (var variant = 0; variant < _variants; variant++)
            {
                var (subject, content) = ($"s{(variant / 2) + 1}", $"c{(variant % 2) + 1}");
                db.Add(new Variant
                {
                    CampaignId = campaign,
                    Position = variant,
                    Key = _variants == 1 ? "" : $"{subject}.{content}",
                    Levels = _variants == 1 ? "{}" : $$"""{"subject":"{{subject}}","html":"{{content}}"}""",
                    Weight = 1.0 / _variants,
                    Recipients = Messages / Campaigns / _variants,
                });
            }

            for (var position = 1; position <= LinksPerCampaign; position++)
            {
                db.Add(new Link { Id = LinkId(campaign, position), CampaignId = campaign, Content = "", Position = position, Url = Url(position), Label = $"Offer {position}" });
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private void WriteMessages()
    {
        // Nothing here needs to survive a crash.
        using var connection = new WriteConnection(Main.Path, "synchronous=OFF", "wal_autocheckpoint=0", "cache_size=-200000", "temp_store=MEMORY");
        const string numbers = "WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)";
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var contacts = connection.Prepare($$"""
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at)
            {{numbers}} SELECT i, printf('c%09d', i), printf('p%09d@example.com', i), '{}', 0, 0, ?3 FROM n
            """);
        var messages = connection.Prepare($"""
            INSERT INTO messages (id, campaign_id, contact_id, email, created_at)
            {numbers} SELECT i, ?4, i, printf('p%09d@example.com', i), ?3 FROM n
            """);
        var states = connection.Prepare($"INSERT INTO message_state (message_id, campaign_id, variant, tracked, contact_id) {numbers} SELECT i, ?3, i % {_variants}, 1, i FROM n");
        for (var campaign = 1; campaign <= Campaigns; campaign++)
        {
            var (first, last) = Range(campaign);
            connection.Begin();
            contacts.Bind(1, first).Bind(2, last).Bind(3, now).Run();
            messages.Bind(1, first).Bind(2, last).Bind(3, now).Bind(4, campaign).Run();
            states.Bind(1, first).Bind(2, last).Bind(3, campaign).Run();
            connection.Commit();
        }

        connection.Checkpoint(truncate: true);
    }

    private void SignIds()
    {
        var random = new Random(1);
        var order = new (int MessageId, int LinkId)[Messages];
        for (var campaign = 1; campaign <= Campaigns; campaign++)
        {
            var (first, last) = Range(campaign);
            for (var message = first; message <= last; message++)
            {
                order[message - 1] = ((int)message, LinkId(campaign, random.Next(1, LinksPerCampaign + 1)));
            }
        }

        random.Shuffle(order);
        using var keys = TrackingKeys.LoadOrCreate(new StorageOptions { DataDirectory = Directory });
        var ids = new TrackingIds(keys);
        var (opens, clicks) = (new byte[Messages * IdLength], new byte[Messages * IdLength]);
        Parallel.For(0, Messages, i =>
        {
            var (messageId, linkId) = order[i];
            Encoding.ASCII.GetBytes(ids.Write(TrackingKind.Open, new TrackingId(messageId)), opens.AsSpan(i * IdLength));
            Encoding.ASCII.GetBytes(ids.Write(TrackingKind.Click, new TrackingId(messageId, linkId)), clicks.AsSpan(i * IdLength));
        });
        (Order, OpenIds, ClickIds) = (order, opens, clicks);
    }

    private (long First, long Last) Range(int campaign) =>
        (((long)Messages * (campaign - 1) / Campaigns) + 1, (long)Messages * campaign / Campaigns);

    private static int LinkId(int campaign, int position) => ((campaign - 1) * LinksPerCampaign) + position;
}
