using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>The main job as a CRM does it, over HTTP alone: campaign, recipients, instrumented mail, pixels and links fetched, the rest reported twice and shuffled, and a report whose every figure is right.</summary>
public sealed partial class LifecycleTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private const int Recipients = 1_000;

    private TestApp App => fixture.App;

    [Fact]
    public async Task A_campaign_from_mail_to_report()
    {
        var campaign = await CreateAsync();
        var added = await PostAsync($"/api/v1/campaigns/{campaign}/recipients", new
        {
            recipients = Enumerable.Range(0, Recipients).Select(i => new { customer_id = $"c{i}", email = $"person{i}@example.com", data = new { first_name = $"P{i}" } }),
        });
        Assert.Equal(Recipients, added.GetProperty("data").GetProperty("added").GetInt32());

        var mails = await InstrumentAsync(campaign);
        Assert.Equal(Recipients, mails.Count);
        Assert.Equal([166, 167], mails.GroupBy(mail => mail.GetProperty("variant_id").GetString()).Select(variant => variant.Count()).Distinct().Order());

        // Every second person opens, every tenth clicks the first link, every hundredth leaves; a pixel is loaded twice.
        await FetchAsync(mails);
        await ReportTheRestAsync(mails);
        await App.StoredAsync();

        var report = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/{campaign}/report")).GetProperty("data");
        Assert.Equal(
            (1_000, 980, 500, 500, 500, 100, 100, 10, 3),
            (Number(report, "sent"), Number(report, "delivered"), Number(report, "opened"), Number(report, "confirmed_opened"), Number(report, "total_opens"),
             Number(report, "clicked"), Number(report, "total_clicks"), Number(report, "unsubscribed"), Number(report, "complained")));
        Assert.Equal((12, 8), (Number(report.GetProperty("bounced"), "hard"), Number(report.GetProperty("bounced"), "soft")));
        Assert.Equal(0.5, report.GetProperty("rates").GetProperty("open").GetProperty("rate").GetDouble());
        Assert.Equal(0.2, report.GetProperty("rates").GetProperty("click_to_open").GetProperty("rate").GetDouble());
        var timeline = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/{campaign}/report/timeline?interval=hour")).GetProperty("data");
        Assert.Equal((1_000, 500, 100), (Sum(timeline, "sent"), Sum(timeline, "opens"), Sum(timeline, "clicks")));
        var links = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/{campaign}/report/links")).GetProperty("data");
        Assert.Equal(100, Sum(links, "unique_clicks"));
        var variants = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/{campaign}/report/variants")).GetProperty("data").GetProperty("variants");
        Assert.Equal((6, 1_000, 100), (variants.GetArrayLength(), Sum(variants, "sent"), Sum(variants, "clicked")));
        Assert.Empty(App.Verify());
    }

    private async Task<string> CreateAsync() => (await PostAsync("/api/v1/campaigns", new
    {
        name = "Spring sale",
        from = new { email = "news@acme.example", name = "Acme" },
        delivery = "external",
        content = new { subject = "Hi {{first_name}}", html = "<p>x</p>", text = "" },
        ab_test = new
        {
            factors = new object[]
            {
                new { field = "subject", levels = new[] { new { key = "s1", value = "Save 20%" }, new { key = "s2", value = "Only today" }, new { key = "s3", value = "Your pick" } } },
                new { field = "html", levels = new[] { new { key = "c1", value = Newsletter("A") }, new { key = "c2", value = Newsletter("B") } } },
            },
            distribution = "equal",
        },
    })).GetProperty("data").GetProperty("id").GetString()!;

    private static string Newsletter(string name) => $$$"""
        <html><body><table><tr><td>Hello {{first_name}}, <a href="https://acme.example/{{{name}}}?a=1&amp;b=2">the offer</a>
        and <a href='https://acme.example/{{{name}}}?a=1&amp;b=2'>again</a>, or <a href="mailto:us@acme.example">write</a></td></tr></table></body></html>
        """;

    private async Task<List<JsonElement>> InstrumentAsync(string campaign)
    {
        using var answer = await App.Api.PostAsJsonAsync(
            $"/api/v1/campaigns/{campaign}/instrument/batch", new { recipients = Enumerable.Range(0, Recipients).Select(i => new { customer_id = $"c{i}", email = $"person{i}@example.com" }) });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private async Task FetchAsync(List<JsonElement> mails)
    {
        using var reader = App.Anonymous();
        reader.DefaultRequestHeaders.Add("User-Agent", Some.Firefox);
        for (var i = 0; i < mails.Count; i += 2)
        {
            var html = mails[i].GetProperty("html").GetString()!;
            var pixel = Pixel().Match(html).Groups[1].Value;
            await reader.GetAsync(new Uri(pixel).PathAndQuery);
            await reader.GetAsync(new Uri(pixel).PathAndQuery);
            if (i % 10 == 0)
            {
                using var click = await reader.GetAsync(new Uri(Link().Match(html).Groups[1].Value).PathAndQuery);
                Assert.Matches(@"^https://acme\.example/[AB]\?a=1&b=2$", click.Headers.Location!.OriginalString);
            }

            if (i % 100 == 0)
            {
                var unsubscribe = mails[i].GetProperty("headers").GetProperty("List-Unsubscribe").GetString()!.Trim('<', '>');
                using var left = await reader.PostAsync(new Uri(unsubscribe).PathAndQuery, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
                Assert.Equal(HttpStatusCode.OK, left.StatusCode);
            }
        }
    }

    // Sent for all, then delivered or bounced, three complaints; all of it twice, in no order.
    private async Task ReportTheRestAsync(List<JsonElement> mails)
    {
        var events = mails.SelectMany((mail, i) =>
        {
            var id = mail.GetProperty("message_id").GetString();
            var fate = i % 50 == 1 ? "bounced" : "delivered";
            return new List<object>
            {
                new { event_id = $"{id}-sent", event_type = "sent", message_id = id, occurred_at = "2026-09-01T09:00:00Z" },
                new { event_id = $"{id}-fate", event_type = fate, message_id = id, occurred_at = "2026-09-01T09:00:05Z", metadata = fate == "bounced" ? new { bounce_type = i < 600 ? "hard" : "soft", reason = "550 5.1.1" } : null },
            }.Concat(i % 400 == 3 ? [new { event_id = $"{id}-spam", event_type = "complained", message_id = id, occurred_at = "2026-09-01T12:00:00Z" }] : []);
        }).ToArray();
        var random = new Random(3);
        foreach (var batch in events.Concat(events).OrderBy(_ => random.Next()).Chunk(1_000))
        {
            var answer = await PostAsync("/api/v1/events", batch);
            Assert.Equal((batch.Length, 0), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("rejected").GetArrayLength()));
        }
    }

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await App.Api.PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    private static int Sum(JsonElement rows, string name) => rows.EnumerateArray().Sum(row => Number(row, name));

    [GeneratedRegex("<img src=\"([^\"]+/o/[^\"]+)\"")]
    private static partial Regex Pixel();

    [GeneratedRegex("href=\"([^\"]+/c/[^\"]+)\"")]
    private static partial Regex Link();
}
