using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class IdempotencyTests : IAsyncDisposable
{
    private const string Campaigns = "/api/v1/campaigns";

    private readonly TestApp _app = new();

    [Fact]
    public async Task The_same_request_with_the_same_key_is_done_once()
    {
        var body = CampaignApi.Campaign().ToJsonString();

        using var first = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k1");
        using var second = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k1");
        using var other = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k2");

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(["true"], second.Headers.GetValues("Idempotency-Replayed"));
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.NotEqual(await first.Content.ReadAsStringAsync(), await other.Content.ReadAsStringAsync());
        await using var db = _app.Database();
        Assert.Equal(2, await db.Campaigns.CountAsync());
    }

    [Fact]
    public async Task A_key_used_for_another_request_is_refused()
    {
        using var first = await _app.RawAsync(HttpMethod.Post, Campaigns, CampaignApi.Campaign().ToJsonString(), "k1");

        using var second = await _app.RawAsync(HttpMethod.Post, Campaigns, CampaignApi.Campaign("Other").ToJsonString(), "k1");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.StatusCode);
    }

    [Fact]
    public async Task What_was_refused_may_be_tried_again()
    {
        using var refused = await _app.RawAsync(HttpMethod.Post, Campaigns, "{}", "k1");
        using var repaired = await _app.RawAsync(HttpMethod.Post, Campaigns, CampaignApi.Campaign().ToJsonString(), "k1");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Created, repaired.StatusCode);
    }

    [Fact]
    public async Task Twenty_at_once_make_one_campaign()
    {
        var body = CampaignApi.Campaign().ToJsonString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _app.RawAsync(HttpMethod.Post, Campaigns, body, "k1")));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict));
        await using var db = _app.Database();
        Assert.Equal(1, await db.Campaigns.CountAsync());
    }

    [Fact]
    public async Task After_a_day_a_key_is_forgotten()
    {
        var body = CampaignApi.Campaign().ToJsonString();
        using var first = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k1");
        _app.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));

        using var second = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k1");
        using var purging = await _app.RawAsync(HttpMethod.Post, Campaigns, body, "k2");

        Assert.NotEqual(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        await using var db = _app.Database();
        Assert.Equal(["k1", "k2"], await db.IdempotencyKeys.Select(k => k.Key).Order().ToListAsync());
    }

    [Fact]
    public async Task An_upload_is_the_same_though_its_boundary_differs()
    {
        var id = await _app.GivenDraftAsync();

        var first = await UploadAsync("email\na@example.com\n");
        var second = await UploadAsync("email\na@example.com\n");
        var other = await UploadAsync("email\nb@example.com\n");

        Assert.Equal((HttpStatusCode.Accepted, "job_1"), first);
        Assert.Equal((HttpStatusCode.Accepted, "job_1"), second);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);

        async Task<(HttpStatusCode Status, string? Job)> UploadAsync(string csv)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Campaigns}/{id}/recipients/import")
            {
                Content = new MultipartFormDataContent { { new StringContent(csv), "file", "x.csv" } },
            };
            request.Headers.Add("Idempotency-Key", "upload");
            using var response = await _app.Api.SendAsync(request);
            return (response.StatusCode, (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["data"]?["job_id"]);
        }
    }

    [Fact]
    public async Task Long_answers_are_made_anew_and_stay_the_same()
    {
        var campaign = CampaignApi.Campaign();
        campaign["content"]!["html"] = "<p>" + new string('x', 300_000) + "</p>";
        var id = await _app.GivenDraftAsync(campaign);
        var body = CampaignApi.Recipients(Enumerable.Range(0, 8).Select(CampaignApi.Recipient)).ToJsonString();

        using var first = await _app.RawAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument/batch", body, "long");
        using var second = await _app.RawAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument/batch", body, "long");

        var text = await first.Content.ReadAsStringAsync();
        Assert.True(text.Length > 2_000_000);
        Assert.Equal(text, await second.Content.ReadAsStringAsync());
        Assert.False(second.Headers.Contains("Idempotency-Replayed"));
    }

    [Theory]
    [InlineData(201)]
    [InlineData(0)]
    public async Task A_key_is_one_to_two_hundred_characters(int length)
    {
        using var response = await _app.RawAsync(HttpMethod.Post, Campaigns, "{}", new string('k', length));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
