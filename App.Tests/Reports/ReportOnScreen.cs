using System.Globalization;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>What tests of the report page find on it, and the campaigns they look at.</summary>
internal static class ReportOnScreen
{
    public static ILocator Tile(this Visit visit, string label) => visit.Page.GetByRole(AriaRole.Group, new() { Name = label, Exact = true });

    public static ILocator Figure(this Visit visit, string label) => visit.Tile(label).Locator(".metric-value");

    /// <summary>Clicks an option of a switch, in one section where several have it.</summary>
    public static Task ChooseAsync(this Visit visit, string option, string section = "main") =>
        visit.Page.Locator(section).GetByRole(AriaRole.Link, new() { Name = option, Exact = true }).ClickAsync();

    /// <summary>Messages of the campaign, sent at noon.</summary>
    public static async Task<List<long>> GivenSentAsync(this TestApp app, long campaign, int count)
    {
        var messages = new List<long>();
        for (var i = 0; i < count; i++)
        {
            messages.Add(await app.GivenMessageAsync(campaign));
        }

        await app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        return messages;
    }

    /// <summary>Two subjects and two contents, 1,000 messages each; the last is clicked twice as often.</summary>
    public static async Task<long> GivenTestedAsync(this TestApp app)
    {
        var campaign = await CountedCampaign.InsertAsync(
            app,
            """
            {"factors":[{"field":"subject","levels":[{"key":"s1","value":"20% off everything waterproof, today and tomorrow only"},{"key":"s2","value":"Five trails"}]},
                        {"field":"html","levels":[{"key":"c1","value":"<p>1</p>"},{"key":"c2","value":"<p>2</p>"}]}]}
            """,
            [.. new[] { ("s1", "c1"), ("s1", "c2"), ("s2", "c1"), ("s2", "c2") }.Select(levels =>
                ($"{levels.Item1}.{levels.Item2}", $$"""{"subject":"{{levels.Item1}}","html":"{{levels.Item2}}"}""", 0.25, 1000L))]);
        for (var position = 0; position < 4; position++)
        {
            var key = position.ToString(CultureInfo.InvariantCulture);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Sent, VerdictGroup.None, 1000, 1000);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Opened, VerdictGroup.Person, 400, 300);
            await campaign.CountAsync(Dimension.Variant, key, EventType.Clicked, VerdictGroup.Person, position == 3 ? 120 : 60, position == 3 ? 100 : 50);
        }

        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 4000, 4000);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Delivered, VerdictGroup.None, 3950, 3950);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Person, 1600, 1200);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Privacy, 500, 400);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Clicked, VerdictGroup.Person, 300, 250);
        await campaign.CountAtAsync("2026-09-01T12:00Z", EventType.Sent, VerdictGroup.None, 4000, 4000);
        for (var quarter = 0; quarter < 11; quarter++)
        {
            var at = Some.Noon.AddMinutes(quarter * 15).ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
            await campaign.CountAtAsync(at, EventType.Opened, VerdictGroup.Person, 300 - (quarter * 25), 200);
            await campaign.CountAtAsync(at, EventType.Clicked, VerdictGroup.Person, 50 - (quarter * 4), 20);
        }

        foreach (var content in new[] { "c1", "c2" })
        {
            var link = await campaign.LinkAsync(content, 1, "https://example.com/shop/jackets?utm_source=newsletter&utm_campaign=autumn-trails-new-arrivals-2026&size=all", "Rain jackets");
            await campaign.CountAsync(Dimension.Link, link.ToString(CultureInfo.InvariantCulture), EventType.Clicked, VerdictGroup.Person, 120, content == "c1" ? 90 : 110);
        }

        return campaign.Id;
    }
}
