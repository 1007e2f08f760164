using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>GET …/report/stream, heard as a program hears it.</summary>
public sealed class ReportStreamTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["Streams:MaxActivity"] = "20" });

    public ReportStreamTests() => _app.Clock.Set(Some.Noon.AddHours(3));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task It_begins_with_what_the_report_answers_under_the_same_switches()
    {
        var (campaign, messages) = await SentAsync(3);
        await _app.StoreAsync(
            Some.Event(messages[0], EventType.Delivered, TimeSpan.FromMinutes(1)),
            Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), userAgent: Some.ApplePrivacy, source: EventSource.Tracking));
        var all = await ReportAsync(campaign, "");
        var confirmed = await ReportAsync(campaign, "?opens=confirmed&basis=delivered");

        using var stream = await OpenAsync(campaign);
        using var switched = await OpenAsync(campaign, "?opens=confirmed&basis=delivered");
        var first = await stream.NextAsync();
        var firstSwitched = await switched.NextAsync();

        Assert.Equal("text/event-stream", stream.ContentType);
        Assert.Contains("no-store", stream.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("summary", first.Name);
        Assert.Equal(all, WithoutTime(first.Data));
        Assert.Equal(confirmed, WithoutTime(firstSwitched.Data));
        Assert.NotEqual(all, confirmed);
    }

    [Fact]
    public async Task An_event_is_heard_with_the_figures_it_moved()
    {
        var (campaign, messages) = await SentAsync(1);
        using var stream = await OpenAsync(campaign);
        await stream.NextAsync("summary");

        await _app.StoreAsync(Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        var summary = await OpenedAsync(stream, 1);
        using var again = await OpenAsync(campaign, lastEventId: "evt_0");
        var activity = await again.NextAsync("activity");

        Assert.Equal($"cmp_{campaign}", summary.Data.GetProperty("data").GetProperty("campaign_id").GetString());
        var opened = activity.Data.GetProperty("data").EnumerateArray().Last();
        Assert.Equal("opened", opened.GetProperty("event_type").GetString());
        Assert.Equal("human", opened.GetProperty("verdict").GetString());
        Assert.Equal(opened.GetProperty("id").GetString(), activity.Id);
        Assert.Equal(0, activity.Data.GetProperty("skipped").GetInt64());
    }

    [Fact]
    public async Task Who_comes_back_with_the_last_id_misses_nothing_and_hears_nothing_twice()
    {
        var (campaign, messages) = await SentAsync(600);
        var heard = new List<string>();
        string last;
        using (var stream = await OpenAsync(campaign, lastEventId: "evt_0"))
        {
            last = await HearAsync(stream, heard, 600);
        }

        // More than one update holds, while nobody listens.
        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(1)))]);
        using (var stream = await OpenAsync(campaign, lastEventId: last))
        {
            Assert.Equal(last, (await stream.NextAsync("summary")).Id);
            last = await HearAsync(stream, heard, 1_200);
            await _app.StoreAsync(Some.Event(messages[0], EventType.Complained, TimeSpan.FromMinutes(2)));
            await HearAsync(stream, heard, 1_201);
        }

        Assert.Equal(1_201, heard.Distinct().Count());
        Assert.Equal(heard.Order(Comparer<string>.Create((a, b) => a.Length != b.Length ? a.Length - b.Length : string.CompareOrdinal(a, b))), heard);
        Assert.Equal(await LogAsync(campaign), heard.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_id_from_before_a_restore_goes_on_from_the_end_of_the_log()
    {
        var (campaign, messages) = await SentAsync(1);
        using var stream = await OpenAsync(campaign, lastEventId: "evt_999999999");

        var first = await stream.NextAsync("summary");
        await _app.StoreAsync(Some.Event(messages[0], EventType.Delivered, TimeSpan.FromMinutes(1)));
        var activity = await stream.NextAsync("activity");

        Assert.Equal(await LogEndAsync(campaign), activity.Id);
        Assert.NotEqual("evt_999999999", first.Id);
        Assert.Equal(1, activity.Data.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Of_a_burst_the_newest_are_told_and_the_others_counted()
    {
        var (campaign, messages) = await SentAsync(150);
        using var stream = await OpenAsync(campaign);
        await stream.NextAsync("summary");

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(1)))]);
        var (told, skipped) = (0, 0L);
        string? end = null;
        while (told + skipped < 150)
        {
            var activity = await stream.NextAsync("activity");
            var count = activity.Data.GetProperty("data").GetArrayLength();
            Assert.InRange(count, 1, 20);
            (told, skipped, end) = (told + count, skipped + activity.Data.GetProperty("skipped").GetInt64(), activity.Id);
        }

        Assert.Equal(150, told + skipped);
        Assert.True(skipped > 0);
        Assert.Equal(await LogEndAsync(campaign), end);
    }

    [Fact]
    public async Task Fifty_listeners_of_a_busy_campaign_cost_two_reads_a_second_for_each_thing_they_watch()
    {
        var (campaign, messages) = await SentAsync(60);
        var feeds = _app.Services.GetRequiredService<LiveFeeds>();
        var streams = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => OpenAsync(campaign)));
        await Task.WhenAll(streams.Select(stream => stream.NextAsync("summary")));
        var (before, started) = (feeds.Reads, Stopwatch.GetTimestamp());

        foreach (var message in messages)
        {
            await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        }

        await Task.WhenAll(streams.Select(stream => OpenedAsync(stream, 60)));
        var (reads, elapsed) = (feeds.Reads - before, Stopwatch.GetElapsedTime(started));

        // Two things are watched: the summary and the end of the log.
        Assert.InRange(reads, 2, 2 * (2 + (2 * elapsed.TotalSeconds)));
        Array.ForEach(streams, stream => stream.Dispose());
        await Eventually.TrueAsync(() => feeds.Watching == 0 && feeds.Shared == 0);
    }

    [Fact]
    public async Task A_listener_who_leaves_leaves_nothing_behind()
    {
        var (campaign, _) = await SentAsync(1);
        var feeds = _app.Services.GetRequiredService<LiveFeeds>();
        var stream = await OpenAsync(campaign);
        await stream.NextAsync("summary");
        Assert.Equal(2, feeds.Watching);

        stream.Dispose();

        await Eventually.TrueAsync(() => feeds.Watching == 0);
    }

    [Theory]
    [InlineData("?opens=some", null, 422)]
    [InlineData("?basis=hope", null, 422)]
    [InlineData("", "msg_7", 400)]
    [InlineData("", "evt_-1", 400)]
    [InlineData("", "evt_", 400)]
    [InlineData("", "evt_99999999999999999999", 400)]
    public async Task What_makes_no_sense_is_refused_before_the_stream_begins(string query, string? lastEventId, int expected)
    {
        var campaign = await _app.GivenCampaignAsync();

        using var answer = await AskAsync($"/api/v1/campaigns/cmp_{campaign}/report/stream{query}", lastEventId);

        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_campaign_that_does_not_exist_has_no_stream()
    {
        using var answer = await AskAsync("/api/v1/campaigns/cmp_999/report/stream");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private Task<EventStream> OpenAsync(long campaign, string query = "", string? lastEventId = null) =>
        EventStream.OpenAsync(_app, $"/api/v1/campaigns/cmp_{campaign}/report/stream{query}", lastEventId);

    private async Task<HttpResponseMessage> AskAsync(string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestApp.ApiKey);
        if (lastEventId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        }

        return await _app.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<StreamEvent> OpenedAsync(EventStream stream, long opened)
    {
        while (true)
        {
            var summary = await stream.NextAsync("summary");
            if (summary.Data.GetProperty("data").GetProperty("opened").GetInt64() == opened)
            {
                return summary;
            }
        }
    }

    /// <summary>Listens until so many events are known.</summary>
    /// <returns>The id that came with the last.</returns>
    private static async Task<string> HearAsync(EventStream stream, List<string> heard, int count)
    {
        while (true)
        {
            var activity = await stream.NextAsync("activity");
            Assert.Equal(0, activity.Data.GetProperty("skipped").GetInt64());
            heard.AddRange(activity.Data.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            if (heard.Count >= count)
            {
                return activity.Id;
            }
        }
    }

    private async Task<string> ReportAsync(long campaign, string query) =>
        WithoutTime(await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/cmp_{campaign}/report{query}"));

    private async Task<string> LogEndAsync(long campaign)
    {
        var log = await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/events?campaign_id=cmp_{campaign}&limit=1");
        return log.GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    private async Task<List<string>> LogAsync(long campaign)
    {
        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await _app.Api.GetFromJsonAsync<JsonElement>($"/api/v1/events?campaign_id=cmp_{campaign}&limit=500{cursor}");
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        return [.. ids.Order(StringComparer.Ordinal)];
    }

    private static string WithoutTime(JsonElement answer)
    {
        var data = JsonNode.Parse(answer.GetRawText())!;
        Assert.True(data["data"]!.AsObject().Remove("as_of"));
        return data.ToJsonString();
    }

    private async Task<(long Campaign, List<long> Messages)> SentAsync(int count)
    {
        var campaign = await _app.GivenCampaignAsync();
        var messages = new List<long>();
        for (var i = 0; i < count; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        return (campaign, messages);
    }
}
