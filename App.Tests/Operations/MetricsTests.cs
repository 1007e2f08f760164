using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Operations;

/// <summary>What a monitoring program reads.</summary>
public sealed class MetricsTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_program_on_this_machine_reads_how_many_events_were_taken_in_and_stored()
    {
        var message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        await _app.StoreAsync(Some.Event(message, EventType.Delivered), Some.Event(message, EventType.Opened));
        using var client = _app.Anonymous();

        using var answer = await client.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Contains("scoretracking_events_accepted_total 2", lines);
        Assert.Contains("scoretracking_events_stored_total 2", lines);
        Assert.Contains("scoretracking_inbox_backlog_events 0", lines);
        Assert.Contains("scoretracking_requests_refused_total{lane=\"open\"} 0", lines);
        Assert.All(lines.Where(line => line.StartsWith("scoretracking_", StringComparison.Ordinal)), line =>
            Assert.Contains($"# TYPE {line.Split(' ', '{')[0]} ", string.Join('\n', lines), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("st_live_nobody", HttpStatusCode.Unauthorized)]
    [InlineData(TestApp.ApiKey, HttpStatusCode.OK)]
    public async Task Others_need_a_key(string? key, HttpStatusCode expected)
    {
        using var client = _app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("X-Forwarded-For", "203.0.113.7");
        request.Headers.Authorization = key is null ? null : new("Bearer", key);

        using var answer = await client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_without_the_scope_is_refused()
    {
        using var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = "CRM", scopes = new[] { "events:write" } });
        var key = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("key").GetString();
        using var client = _app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Via", "1.1 proxy");
        request.Headers.Authorization = new("Bearer", key);

        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
