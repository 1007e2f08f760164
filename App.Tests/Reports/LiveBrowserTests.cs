using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Reports.Streams;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>The hub as a page uses it: with npm's @microsoft/signalr in a real browser.</summary>
public sealed class LiveBrowserTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public LiveBrowserTests() => _app.Clock.Set(Some.Noon.AddHours(3));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("WebSockets", true)]
    [InlineData("ServerSentEvents", true)]
    [InlineData("LongPolling", true)]
    [InlineData("WebSockets", false)]
    public async Task A_page_hears_every_change_whatever_carries_it_with_a_key_or_signed_in(string transport, bool withKey)
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(message, EventType.Sent));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/campaigns");
        await visit.Page.EvaluateAsync($"() => {{ {await ScriptAsync()} }}");

        await visit.Page.EvaluateAsync(
            """
            async ([campaign, transport, key]) => {
                window.heard = [];
                window.hub = new signalR.HubConnectionBuilder()
                    .withUrl("/hubs/live", { transport: signalR.HttpTransportType[transport], ...(key ? { accessTokenFactory: () => key } : {}) })
                    .configureLogging(signalR.LogLevel.None)
                    .build();
                window.hub.on("Summary", (summary) => window.heard.push(summary));
                await window.hub.start();
                await window.hub.invoke("Watch", campaign);
            }
            """,
            new[] { $"cmp_{campaign}", transport, withKey ? TestApp.ApiKey : "" });
        await HeardAsync(visit, "summary => summary.sent === 1 && summary.opened === 0");
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));
        await HeardAsync(visit, "summary => summary.opened === 1 && summary.rates.open.rate === 1");

        await visit.Page.EvaluateAsync("() => window.hub.stop()");
        await Eventually.TrueAsync(() => _app.Services.GetRequiredService<StreamSeats>().Taken == 0);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_script_reads_the_event_stream_as_the_documentation_says()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        var documented = await File.ReadAllTextAsync(Golden.PathOf("../docs/live.md"));
        var script = documented.Split("```js", 3)[1].Split("```")[0];
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/campaigns");

        await visit.Page.EvaluateAsync(
            $$"""
            ([server, key, campaign]) => {
                window.heard = [];
                const show = (summary) => window.heard.push(summary);
                const log = (event) => window.heard.push(event);
                {{script}}
                listen(server, key, campaign);
            }
            """,
            new[] { "", TestApp.ApiKey, $"cmp_{campaign}" });
        await HeardAsync(visit, "summary => summary.sent === 0");
        await _app.StoreAsync(Some.Event(message, EventType.Sent));

        await HeardAsync(visit, "summary => summary.sent === 1");
        await HeardAsync(visit, $"event => event.event_type === 'sent' && event.message_id === 'msg_{message}'");
        Assert.Empty(visit.Errors);
    }

    private static Task HeardAsync(Visit visit, string wanted) =>
        visit.Page.WaitForFunctionAsync($"() => window.heard.some({wanted})", options: new PageWaitForFunctionOptions { Timeout = 45_000 });

    private static async Task<string> ScriptAsync()
    {
        var file = Golden.PathOf("node_modules/@microsoft/signalr/dist/browser/signalr.min.js");
        Assert.True(File.Exists(file), "@microsoft/signalr is missing: building App.Tests installs it with npm ci.");

        // As if loaded by a script element: it names itself in the window.
        return $"(function () {{ {await File.ReadAllTextAsync(file)}\n }}).call(window);";
    }
}
