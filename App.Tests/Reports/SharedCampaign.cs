using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>What there is to share, and sharing it.</summary>
internal static class SharedCampaign
{
    /// <summary>Shares a campaign's report; returns where a stranger finds it.</summary>
    public static async Task<(string Id, string Path)> ShareAsync(this TestApp app, long campaign, DateTimeOffset? expiresAt = null, string? password = null)
    {
        using var answer = await app.Api.PostAsJsonAsync("/api/v1/shares", new { campaign_id = $"cmp_{campaign}", expires_at = expiresAt, password });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var data = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        return (data.GetProperty("id").GetString()!, new Uri(data.GetProperty("url").GetString()!).AbsolutePath);
    }

    public static async Task<JsonElement> GetShareAsync(this TestApp app, string id) =>
        (await app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/shares/{id}")).GetProperty("data");

    /// <summary>A campaign with all that could give somebody away: recipients, links and words that hold addresses.</summary>
    public static async Task<(long Campaign, List<string> People)> GivenTellingCampaignAsync(this TestApp app)
    {
        var campaign = await app.GivenCampaignAsync(variants: 2);
        await using (var db = app.Database())
        {
            const string test = """{"factors":[{"field":"subject","levels":[{"key":"s1","value":"Write to eve+list@example.com"},{"key":"s2","value":"Five trails"}]}]}""";
            await db.Campaigns.Where(one => one.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(one => one.Name, "Spring sale for mallory@example.com").SetProperty(one => one.AbTest, test));
            foreach (var (position, key) in new[] { (0, "s1"), (1, "s2") })
            {
                await db.Variants.Where(one => one.CampaignId == campaign && one.Position == position)
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.Key, key).SetProperty(one => one.Levels, $$"""{"subject":"{{key}}"}"""));
            }

            db.Add(new Link { CampaignId = campaign, Content = "", Position = 1, Url = "https://example.com/jackets?email=trent@example.com#walter@example.com", Label = "Rain jackets" });
            db.Add(new Link { CampaignId = campaign, Content = "", Position = 2, Url = "https://example.com/u/peggy%40example.com/x", Label = "peggy@example.com" });
            await db.SaveChangesAsync();
        }

        var messages = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            messages.Add(await app.GivenMessageAsync(campaign, variant: i % 2));
        }

        await app.StoreAsync(
        [
            .. messages.Select(message => Some.Event(message, EventType.Sent)),
            .. messages.Select(message => Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(1))),
            Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking),
            Some.Event(messages[1], EventType.Opened, TimeSpan.FromHours(1), userAgent: Some.ApplePrivacy, source: EventSource.Tracking),
        ]);
        await using var all = app.Database();
        var contacts = await all.Contacts.ToListAsync();
        return (campaign, [.. contacts.Select(contact => contact.CustomerId!), .. contacts.Select(contact => contact.Email), "mallory@", "eve+list", "trent", "peggy@", "walter"]);
    }
}
