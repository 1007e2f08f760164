using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>A campaign with a test of two variants and two links, in which everything that can happen has happened to somebody.</summary>
internal sealed class BusyCampaign
{
    private BusyCampaign(long id, long[] links, IReadOnlyList<long> messages) => (Id, Links, Messages) = (id, links, messages);

    public long Id { get; }

    public IReadOnlyList<long> Links { get; }

    /// <summary>In the order they were added.</summary>
    public IReadOnlyList<long> Messages { get; }

    /// <param name="events">Whether anything has happened yet.</param>
    public static async Task<BusyCampaign> MakeAsync(TestApp app, int recipients, bool events = true)
    {
        var campaign = await app.GivenCampaignAsync(variants: 2);
        long[] links = [await app.GivenLinkAsync(campaign), await app.GivenLinkAsync(campaign, "https://example.com/terms", position: 2)];
        var messages = await AddAsync(app, campaign, recipients);
        if (events)
        {
            await app.StoreAsync([.. messages.SelectMany((message, i) => Fate(message, i, links))]);
        }

        return new BusyCampaign(campaign, links, messages);
    }

    /// <summary>What happens to the recipient of this number: most open or do nothing, few of everything else.</summary>
    private static IEnumerable<EmailEvent> Fate(long message, int number, long[] links)
    {
        if (number % 17 == 0)
        {
            yield break;
        }

        var random = new Random(number);
        if (number % 19 == 0)
        {
            yield return At(EventType.Processed, 0);
            yield break;
        }

        yield return At(EventType.Sent, 0);
        switch (number % 23)
        {
            case 1:
                yield return At(EventType.Bounced, 1) with { Bounce = (BounceKind)random.Next(1, 4) };
                yield break;
            case 2:
                yield return At(EventType.Deferred, 1);
                yield break;
            case 3:
                yield return At(EventType.Dropped, 1);
                yield break;
            case 4:
                yield break;
            case 5:
                yield return At(EventType.Deferred, 1);
                break;
        }

        yield return At(EventType.Delivered, 2);
        if (random.Next(3) > 0)
        {
            for (var opens = random.Next(1, 4); opens > 0; opens--)
            {
                yield return At(EventType.Opened, 3 + (opens * 10)) with { UserAgent = random.Next(3) == 0 ? Some.ApplePrivacy : Some.Firefox };
            }
        }

        if (random.Next(5) == 0)
        {
            yield return At(EventType.Clicked, 100) with { LinkId = links[random.Next(2)], UserAgent = Some.Firefox };
        }

        if (number % 29 == 0)
        {
            yield return At(EventType.Unsubscribed, 200);
        }

        if (number % 31 == 0)
        {
            yield return At(EventType.Complained, 300);
        }

        if (number % 37 == 0)
        {
            yield return At(EventType.Replied, 400);
        }

        EmailEvent At(EventType type, int minutes) => Some.Event(message, type, TimeSpan.FromMinutes(minutes + (random.NextDouble() * 5)));
    }

    private static async Task<IReadOnlyList<long>> AddAsync(TestApp app, long campaign, int count)
    {
        await using var db = app.Database();
        var mark = Guid.NewGuid().ToString("N")[..8];
        var random = new Random(count);

        // Addresses in no order, two of them the same.
        var contacts = Enumerable.Range(0, count).Select(i => new Contact
        {
            CustomerId = $"{mark}-{i}",
            Email = i == 1 ? $"{mark}@example.com" : $"{(char)('a' + random.Next(26))}{random.Next(1000):000}.{(i == 7 ? 0 : i)}@{mark}.example.com",
            Attributes = "{}",
        }).ToList();
        contacts[^1].Email = contacts[0].Email;
        db.AddRange(contacts);
        await db.SaveChangesAsync();
        var messages = contacts.ConvertAll(contact => new Message { CampaignId = campaign, ContactId = contact.Id, Email = contact.Email });
        db.AddRange(messages);
        await db.SaveChangesAsync();
        db.AddRange(messages.Select((message, i) => new MessageState { MessageId = message.Id, CampaignId = campaign, Variant = i % 3 == 0 ? 1 : 0, Tracked = true }));
        await db.SaveChangesAsync();
        await db.Variants.Where(v => v.CampaignId == campaign).ExecuteUpdateAsync(
            set => set.SetProperty(v => v.Recipients, v => db.MessageStates.LongCount(s => s.CampaignId == campaign && s.Variant == v.Position)));
        return messages.ConvertAll(message => message.Id);
    }
}
