using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>/api/v1/shares.</summary>
public sealed class ShareEndpointTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["PublicUrl"] = "https://score.example.com" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_link_is_shown_once_holds_thirty_days_and_is_listed_until_long_after()
    {
        var campaign = await _app.GivenCampaignAsync();
        var other = await _app.GivenCampaignAsync();

        var created = await CreateAsync(new { campaign_id = $"cmp_{campaign}" });
        await CreateAsync(new { campaign_id = $"cmp_{other}", password = "mountain trails", expires_at = _app.Clock.GetUtcNow().AddDays(1) });
        var id = created.GetProperty("id").GetString();
        using var patched = await _app.Api.PatchAsJsonAsync($"/api/v1/shares/{id}", new { expires_at = _app.Clock.GetUtcNow().AddDays(7) });
        using var revoked = await _app.Api.DeleteAsync($"/api/v1/shares/{id}");
        using var twice = await _app.Api.DeleteAsync($"/api/v1/shares/{id}");
        using var changedAfter = await _app.Api.PatchAsJsonAsync($"/api/v1/shares/{id}", new { password = "mountain trails" });
        _app.Clock.Advance(TimeSpan.FromDays(2));
        var all = await _app.Api.GetFromJsonAsync<JsonElement>("/api/v1/shares?limit=1");
        var rest = await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/shares?limit=1&cursor={all.GetProperty("next_cursor").GetString()}");
        var ofCampaign = await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/shares?campaign_id=cmp_{campaign}");

        Assert.Matches("^https://score\\.example\\.com/s/[A-Za-z0-9_-]{43}$", created.GetProperty("url").GetString());
        Assert.Equal(TimeSpan.FromDays(30), created.GetProperty("expires_at").GetDateTimeOffset() - created.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, twice.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, changedAfter.StatusCode);
        Assert.Equal("expired", all.GetProperty("data")[0].GetProperty("status").GetString());
        Assert.True(all.GetProperty("data")[0].GetProperty("has_password").GetBoolean());
        var listed = rest.GetProperty("data")[0];
        Assert.Equal(("revoked", id), (listed.GetProperty("status").GetString(), listed.GetProperty("id").GetString()));
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next_cursor").ValueKind);
        Assert.Equal(id, Assert.Single(ofCampaign.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
        Assert.DoesNotContain("/s/", all.GetRawText() + rest.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"campaign_id":"cmp_999"}""", 422, "campaign_id")]
    [InlineData("""{"campaign_id":"7"}""", 422, "campaign_id")]
    [InlineData("""{"campaign_id":"cmp_1","expires_at":"2026-09-01T09:59:59Z"}""", 422, "expires_at")]
    [InlineData("""{"campaign_id":"cmp_1","expires_at":"2028-01-01T00:00:00Z"}""", 422, "expires_at")]
    [InlineData("""{"campaign_id":"cmp_1","expires_at":"tomorrow"}""", 400, "expires_at")]
    [InlineData("""{"campaign_id":"cmp_1","password":"short"}""", 422, "password")]
    [InlineData("""{"campaign_id":"cmp_1","days":3}""", 400, "days")]
    [InlineData("""{"password":"mountain trails"}""", 400, "$")]
    public async Task What_makes_no_sense_is_refused_with_the_field_at_fault(string body, int status, string field)
    {
        await _app.GivenCampaignAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await _app.Api.PostAsync("/api/v1/shares", content);

        Assert.Equal(status, (int)answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.GetRawText());
    }

    [Theory]
    [InlineData("/api/v1/shares?limit=0", 422)]
    [InlineData("/api/v1/shares?campaign_id=7", 422)]
    [InlineData("/api/v1/shares?cursor=x", 400)]
    [InlineData("/api/v1/shares/shr_999", 404)]
    [InlineData("/api/v1/shares/999", 404)]
    public async Task Lists_and_look_ups_answer_as_everywhere(string path, int status)
    {
        using var answer = await _app.Api.GetAsync(path);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    private async Task<JsonElement> CreateAsync(object body)
    {
        using var answer = await _app.Api.PostAsJsonAsync("/api/v1/shares", body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }
}
