using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Operations;

namespace ScoreTracking.Tests.Support;

/// <summary>Sets the scene through production code, so that every counter is what production would have computed.</summary>
public static class Given
{
    /// <summary>A running campaign with one variant or more.</summary>
    public static async Task<long> GivenCampaignAsync(this TestApp app, int variants = 1)
    {
        await using var db = app.Database();
        var campaign = new Campaign
        {
            Name = "Spring sale",
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
            CreatedAt = app.Clock.GetUtcNow(),
        };
        db.Add(campaign);
        await db.SaveChangesAsync();
        for (var i = 0; i < variants; i++)
        {
            db.Add(new Variant { CampaignId = campaign.Id, Position = i, Key = variants == 1 ? "" : $"v{i}", Levels = "{}", Weight = 1.0 / variants });
        }

        await db.SaveChangesAsync();
        return campaign.Id;
    }

    public static async Task<long> GivenContactAsync(this TestApp app, string domain = "example.com")
    {
        await using var db = app.Database();
        var name = Guid.NewGuid().ToString("N");
        var contact = new Contact { CustomerId = name, Email = $"{name}@{domain}", Attributes = "{}", CreatedAt = app.Clock.GetUtcNow() };
        db.Add(contact);
        await db.SaveChangesAsync();
        return contact.Id;
    }

    /// <summary>A message of the campaign, to an address of its own unless to a contact there is.</summary>
    public static async Task<long> GivenMessageAsync(this TestApp app, long campaignId, int variant = 0, bool tracked = true, string domain = "example.com", long contactId = 0)
    {
        await using var db = app.Database();
        if (contactId == 0)
        {
            contactId = await app.GivenContactAsync(domain);
        }

        var contact = await db.Contacts.SingleAsync(c => c.Id == contactId);
        var message = new Message { CampaignId = campaignId, ContactId = contact.Id, Email = contact.Email, CreatedAt = app.Clock.GetUtcNow() };
        db.Add(message);
        await db.SaveChangesAsync();
        db.Add(new MessageState { MessageId = message.Id, CampaignId = campaignId, Variant = variant, Tracked = tracked, Provider = MailboxProvider.Of(domain).Number });
        await db.SaveChangesAsync();
        return message.Id;
    }

    public static async Task<long> GivenLinkAsync(this TestApp app, long campaignId, string url = "https://example.com/offer", int position = 1, string content = "")
    {
        await using var db = app.Database();
        var link = new Link { CampaignId = campaignId, Content = content, Position = position, Url = url, Label = "Offer" };
        db.Add(link);
        await db.SaveChangesAsync();
        return link.Id;
    }

    /// <summary>Hands events to the front door and waits until they are stored.</summary>
    public static async Task StoreAsync(this TestApp app, params IReadOnlyCollection<EmailEvent> reported)
    {
        var position = await app.Services.GetRequiredService<EventIntake>().StoreAsync(reported, Lane.Report, CancellationToken.None);
        await app.StoredAsync(position);
    }

    /// <summary>Waits until the store has passed a position, by default everything taken in so far.</summary>
    public static Task StoredAsync(this TestApp app, long? position = null) =>
        app.Services.GetRequiredService<EventWriter>().ReachedAsync(position ?? app.Services.GetRequiredService<Inbox>().Last)
            .WaitAsync(TimeSpan.FromSeconds(60));

    public static ScoreDb Database(this TestApp app) => app.Services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContext();

    /// <summary>A figure of the campaign's summary: confirmed where the verdict matters.</summary>
    public static async Task<(long Total, long Unique)> CountAsync(this TestApp app, long campaignId, EventType type, VerdictGroup group = VerdictGroup.None)
    {
        await using var db = app.Database();
        var counter = await db.Counters.FirstOrDefaultAsync(c =>
            c.CampaignId == campaignId && c.Dimension == Dimension.Summary.Name && c.Type == type && c.Verdict == group);
        return (counter?.Total ?? 0, counter?.Unique ?? 0);
    }

    public static async Task<MessageState> StateAsync(this TestApp app, long messageId)
    {
        await using var db = app.Database();
        return await db.MessageStates.SingleAsync(state => state.MessageId == messageId);
    }

    /// <summary>Recounts everything from the log; empty when all is right.</summary>
    public static IReadOnlyList<Difference> Verify(this TestApp app) =>
        Recounting.Run(app.Services.GetRequiredService<SqliteFile>().Path, CancellationToken.None).Differences;
}
