using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Whoever else writes while events pour in waits its turn, and is never sent away.</summary>
public sealed class StormWritesTests : IAsyncDisposable
{
    private const int Callers = 6;
    private const int Each = 25;

    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Requests_that_write_succeed_while_a_storm_of_events_is_stored()
    {
        var campaign = await _app.GivenCampaignAsync();
        var messages = new List<long>();
        for (var i = 0; i < 50; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var storm = Task.Run(() => StormAsync(messages, enough.Token), Token);
        var answers = new ConcurrentBag<HttpStatusCode>();

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller, answers), Token)));

        await enough.CancelAsync();
        var stored = await storm;
        Assert.Equal([(HttpStatusCode.Created, Callers * Each * 2)], answers.GroupBy(answer => answer).Select(group => (group.Key, group.Count())));
        await _app.StoredAsync();
        await using var db = _app.Database();
        Assert.Equal(stored, await db.Events.LongCountAsync(Token));
        Assert.Equal(Callers * Each, await db.Suppressions.CountAsync(Token));
        Assert.Empty(_app.Verify());
    }

    private async Task CallAsync(int caller, ConcurrentBag<HttpStatusCode> answers)
    {
        for (var i = 0; i < Each; i++)
        {
            answers.Add(await SendAsync(HttpMethod.Put, $"/api/v1/contacts/c{caller}-{i}", $$"""{"email":"c{{caller}}-{{i}}@example.com"}"""));
            answers.Add(await SendAsync(HttpMethod.Post, "/api/v1/suppressions", $$"""{"email":"s{{caller}}-{{i}}@example.com"}"""));
        }
    }

    private async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, string body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var response = await _app.Api.SendAsync(request, Token);
        return response.StatusCode;
    }

    // As much as is taken in, with enough waiting that the writer never rests.
    private async Task<long> StormAsync(List<long> messages, CancellationToken enough)
    {
        var intake = _app.Services.GetRequiredService<EventIntake>();
        var inbox = _app.Services.GetRequiredService<Inbox>();
        var sent = 0L;
        while (!enough.IsCancellationRequested)
        {
            if (inbox.Backlog > 5_000)
            {
                await Task.Yield();
                continue;
            }

            await intake.StoreAsync([.. Enumerable.Range(0, 500).Select(i => Some.Event(messages[i % messages.Count], EventType.Opened, TimeSpan.FromMinutes(sent % 1_000), key: $"storm:{sent++}"))], Lane.Report, Token);
        }

        return sent;
    }
}
