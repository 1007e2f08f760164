using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>A campaign whose counters are written straight into the table, for reports whose arithmetic a test sets figure by figure.</summary>
internal sealed class CountedCampaign
{
    private readonly TestApp _app;

    private CountedCampaign(TestApp app, long id)
    {
        _app = app;
        Id = id;
    }

    public long Id { get; }

    public static async Task<CountedCampaign> InsertAsync(TestApp app, string? abTest = null, params (string Key, string Levels, double Weight, long Recipients)[] variants)
    {
        await using var db = app.Database();
        var campaign = new Campaign
        {
            Name = "Spring sale",
            Status = CampaignStatus.Running,
            FromEmail = "news@example.com",
            FromName = "Example",
            Delivery = "external",
            Subject = "Hi",
            Preheader = "",
            Html = "",
            PlainText = "",
            AbTest = abTest,
            Seed = new byte[32],
        };
        db.Campaigns.Add(campaign);
        await db.SaveChangesAsync();
        db.Variants.AddRange(variants.Select((variant, position) => new Variant
        {
            CampaignId = campaign.Id,
            Position = position,
            Key = variant.Key,
            Levels = variant.Levels,
            Weight = variant.Weight,
            Recipients = variant.Recipients,
        }));
        await db.SaveChangesAsync();
        return new CountedCampaign(app, campaign.Id);
    }

    /// <summary>Adds one counter.</summary>
    public async Task CountAsync(Dimension dimension, string key, EventType type, VerdictGroup group, long total, long unique)
    {
        await using var db = _app.Database();
        db.Counters.Add(new Counter { CampaignId = Id, Dimension = dimension.Name, Key = key, Type = type, Verdict = group, Total = total, Unique = unique });
        await db.SaveChangesAsync();
    }

    /// <summary>Adds one counter of the quarter hour that holds a time.</summary>
    public Task CountAtAsync(string time, EventType type, VerdictGroup group, long total, long unique) =>
        CountAsync(Dimension.Quarter, Dimension.Quarter.Text(DateTimeOffset.Parse(time).ToUnixTimeMilliseconds() / Dimension.QuarterMilliseconds), type, group, total, unique);

    public async Task<long> LinkAsync(string content, int position, string url, string label)
    {
        await using var db = _app.Database();
        var link = new Link { CampaignId = Id, Content = content, Position = position, Url = url, Label = label };
        db.Links.Add(link);
        await db.SaveChangesAsync();
        return link.Id;
    }
}
