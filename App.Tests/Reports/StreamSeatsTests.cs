using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Reports.Streams;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>How many may listen, and for how long.</summary>
public sealed class StreamSeatsTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["Streams:MaxConnections"] = "3", ["Streams:MaxPerCaller"] = "2", ["Streams:Heartbeat"] = "00:00:00.2" });

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_revoked_key_hears_nothing_five_seconds_later_and_others_listen_on()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (id, key) = await KeyAsync();
        using var stream = await OpenAsync(campaign, key);
        using var other = await OpenAsync(campaign);
        await using var hub = await HubConnection.OpenWithKeyAsync(_app, key);
        await stream.NextAsync("summary");
        Assert.Null(await hub.CallAsync("Watch", $"cmp_{campaign}"));

        var revoked = Stopwatch.GetTimestamp();
        using var answer = await _app.Api.DeleteAsync($"/api/v1/api-keys/{id}");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        while (await stream.LineAsync() is not null)
        {
            // Heartbeats until the end.
        }

        await hub.Closed;

        Assert.InRange(Stopwatch.GetElapsedTime(revoked), TimeSpan.Zero, TimeSpan.FromSeconds(45));
        Assert.NotNull(await other.LineAsync());
        Assert.Equal(1, _app.Services.GetRequiredService<StreamSeats>().Taken);
    }

    [Fact]
    public async Task Whoever_has_enough_connections_and_a_server_that_has_enough_say_so_and_a_free_seat_is_free()
    {
        var campaign = await _app.GivenCampaignAsync();
        var (_, key) = await KeyAsync();
        using var first = await OpenAsync(campaign);
        await using var second = await HubConnection.OpenWithKeyAsync(_app);
        Assert.Null(await second.CallAsync("Watch", $"cmp_{campaign}"));

        using var third = await AskAsync(campaign, TestApp.ApiKey);
        var thirdHub = await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => HubConnection.OpenWithKeyAsync(_app));
        using var stranger = await OpenAsync(campaign, key);
        using var full = await AskAsync(campaign, key);
        first.Dispose();
        await Eventually.TrueAsync(() => _app.Services.GetRequiredService<StreamSeats>().Taken == 2);
        using var again = await OpenAsync(campaign);

        Assert.Equal((HttpStatusCode)429, third.StatusCode);
        Assert.Equal("30", third.Headers.GetValues("Retry-After").Single());
        Assert.Contains("429", thirdHub.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, full.StatusCode);
        Assert.Equal("30", full.Headers.GetValues("Retry-After").Single());
        Assert.Equal("summary", (await again.NextAsync()).Name);
    }

    [Fact]
    public async Task A_silent_stream_says_that_it_lives()
    {
        using var stream = await OpenAsync(await _app.GivenCampaignAsync());
        await stream.NextAsync("summary");

        string? line;
        do
        {
            line = await stream.LineAsync();
        }
        while (line is { Length: 0 });

        Assert.Equal(": still here", line);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams_and_does_not_wait_for_them()
    {
        var campaign = await _app.GivenCampaignAsync();
        using var stream = await OpenAsync(campaign);
        await stream.NextAsync("summary");
        await using var hub = await HubConnection.OpenWithKeyAsync(_app);
        Assert.Null(await hub.CallAsync("Watch", $"cmp_{campaign}"));

        var stopping = Stopwatch.GetTimestamp();
        await _app.StopKeepingDataAsync();
        var took = Stopwatch.GetElapsedTime(stopping);

        // Ended as the protocol has it, not torn off.
        while (await stream.LineAsync() is not null)
        {
            // What was still on its way.
        }

        await hub.Closed;
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(45));
    }

    private async Task<(string Id, string Key)> KeyAsync()
    {
        using var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = "Wallboard", scopes = new[] { "reports:read" } });
        var data = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        return (data.GetProperty("id").GetString()!, data.GetProperty("key").GetString()!);
    }

    private Task<EventStream> OpenAsync(long campaign, string key = TestApp.ApiKey) =>
        EventStream.OpenAsync(_app, $"/api/v1/campaigns/cmp_{campaign}/report/stream", key: key);

    private async Task<HttpResponseMessage> AskAsync(long campaign, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/campaigns/cmp_{campaign}/report/stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await _app.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
