using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class RecipientTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    [Fact]
    public async Task Every_recipient_is_told_apart_added_duplicate_suppressed_or_invalid()
    {
        var id = await _app.GivenDraftAsync();
        await _app.SuppressAsync("gone@example.com", "hard_bounce");
        await AddAsync(id, """[{"customer_id":"1","email":"one@example.com"}]""");

        var answer = await AddAsync(id, """
            [{"customer_id":"1","email":"one@example.com"},
             {"customer_id":"2","email":"two@example.com"},
             {"customer_id":"2","email":"two@example.com"},
             {"email":"three@example.com"},
             {"email":"THREE@example.com"},
             {"email":"Gone@Example.com"},
             {"email":"not an address"},
             null,
             {"customer_id":"","email":"x@example.com"},
             {"email":"x@example.com","tracking_consent":"maybe"},
             {"email":"x@example.com","data":{"list":[1]}},
             {"email":"x@example.com","data":"text"},
             {"email":"x@example.com","data":{"half":"\ud800"}}]
            """);

        Assert.Equal(2, (int)answer["added"]!);
        Assert.Equal(3, (int)answer["duplicates"]!);
        Assert.Equal(["Gone@example.com hard_bounce"], answer["suppressed"]!.AsArray().Select(s => $"{s!["email"]} {s["reason"]}"));
        Assert.Equal(
            ["6 email", "7 email", "8 customer_id", "9 tracking_consent", "10 data", "11 data", "12 data"],
            answer["invalid"]!.AsArray().Select(i => $"{i!["index"]} {i["error"]}"));
    }

    [Fact]
    public async Task Data_becomes_attributes_the_latest_wins_and_null_removes()
    {
        var id = await _app.GivenDraftAsync();

        await AddAsync(id, """[{"customer_id":"1","email":"a@example.com","data":{"first_name":"Ana","age":41,"vip":true,"city":"Rome"},"tracking_consent":"granted"}]""");
        await AddAsync(id, """[{"customer_id":"1","email":"ana@example.com","data":{"age":42,"city":null}}]""");

        var contact = await ContactAsync("1");
        Assert.Equal("""{"first_name":"Ana","age":42,"vip":true}""", contact.Attributes);
        Assert.Equal("ana@example.com", contact.Email);
        Assert.Equal(TrackingConsent.Granted, contact.TrackingConsent);
    }

    [Fact]
    public async Task A_customer_id_takes_over_the_contact_known_by_its_address_only()
    {
        var id = await _app.GivenDraftAsync();
        await AddAsync(id, """[{"email":"ana@example.com","data":{"first_name":"Ana"}}]""");

        var answer = await AddAsync(id, """[{"customer_id":"1","email":"Ana@Example.com"}]""");

        Assert.Equal(1, (int)answer["duplicates"]!);
        Assert.Contains("Ana", (await ContactAsync("1")).Attributes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_customers_may_share_an_address()
    {
        var id = await _app.GivenDraftAsync();

        var answer = await AddAsync(id, """[{"customer_id":"1","email":"home@example.com"},{"customer_id":"2","email":"home@example.com"}]""");

        Assert.Equal(2, (int)answer["added"]!);
    }

    [Fact]
    public async Task International_domains_are_one_address_in_either_spelling()
    {
        var id = await _app.GivenDraftAsync();

        var answer = await AddAsync(id, """[{"email":"ana@bücher.example"},{"email":"ana@xn--bcher-kva.EXAMPLE"}]""");

        Assert.Equal(1, (int)answer["added"]!);
        Assert.Equal(1, (int)answer["duplicates"]!);
    }

    [Fact]
    public async Task Recipients_are_dealt_at_the_start_and_evenly_as_they_keep_coming()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await AddAsync(id, 0, 2500);
        Assert.All(await RecipientsPerVariantAsync(id), count => Assert.Equal(0, count));

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        Assert.Equal([417, 417, 417, 417, 416, 416], await RecipientsPerVariantAsync(id));

        foreach (var from in (int[])[2500, 2507, 2600])
        {
            await AddAsync(id, from, from == 2600 ? 11 : 7);
            var counts = await RecipientsPerVariantAsync(id);
            Assert.True(counts.Max() - counts.Min() <= 1, string.Join(' ', counts));
        }

        await using var db = _app.Database();
        var stored = await db.MessageStates.GroupBy(s => s.Variant).Select(g => new { g.Key, Count = g.LongCount() }).OrderBy(g => g.Key).Select(g => g.Count).ToListAsync();
        Assert.Equal(await RecipientsPerVariantAsync(id), stored);
    }

    [Fact]
    public async Task Events_reported_before_the_start_are_counted_under_the_variant_dealt_later()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await AddAsync(id, 0, 12);
        using (await _app.RawAsync(HttpMethod.Post, "/api/v1/events", $$"""{"event_type":"sent","campaign_id":"{{id}}","customer_id":"c3"}"""))
        {
            await _app.StoredAsync();
        }

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");

        Assert.Empty(_app.Verify());
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<JsonNode> AddAsync(string id, string recipients)
    {
        using var response = await _app.RawAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/recipients", $$"""{"recipients":{{recipients}}}""");

        Assert.True(response.IsSuccessStatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]!;
    }

    private Task<JsonNode> AddAsync(string id, int from, int count) =>
        _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(from, count).Select(CampaignApi.Recipient)));

    private async Task<List<long>> RecipientsPerVariantAsync(string id) =>
        [.. (await _app.GetAsync($"/api/v1/campaigns/{id}"))["variants"]!.AsArray().Select(v => (long)v!["recipients"]!)];

    private async Task<Contact> ContactAsync(string customerId)
    {
        await using var db = _app.Database();
        return await db.Contacts.SingleAsync(c => c.CustomerId == customerId);
    }
}
