using System.Collections.Concurrent;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Delivery;

/// <summary>P19: who unsubscribes while a campaign goes out gets nothing of it from a second later on.</summary>
public sealed class UnsubscribeWhileSendingTests : IAsyncLifetime
{
    private const int PerSecond = 30;

    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_is_mailed_more_than_a_second_after_their_unsubscribe_was_answered()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(200);
        var emails = await EmailsAsync(messages);
        var handedOver = new ConcurrentDictionary<string, int>();
        var mails = 0;
        _server.Answer = line =>
        {
            if (line.StartsWith("RCPT TO:<", StringComparison.Ordinal))
            {
                handedOver[line["RCPT TO:<".Length..line.LastIndexOf('>')]] = Interlocked.Increment(ref mails);
            }

            return null;
        };

        await _app.ConnectAsync(_server.Port, perSecond: PerSecond);
        await Eventually.TrueAsync(() => !handedOver.IsEmpty);
        var left = new Dictionary<string, int>();
        var ids = _app.Services.GetRequiredService<TrackingIds>();
        using var anybody = _app.Anonymous();
        foreach (var message in messages.Skip(40))
        {
            if (left.Count < 100 && !handedOver.ContainsKey(emails[message]))
            {
                using var answer = await anybody.PostAsync(new Uri($"/u/{ids.Write(TrackingKind.Unsubscribe, new TrackingId(message))}", UriKind.Relative), null);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                left[emails[message]] = Volatile.Read(ref mails);
            }
        }

        await Eventually.TrueAsync(async () => await _app.CampaignStatusAsync(campaign) == CampaignStatus.Completed, seconds: 60);

        Assert.True(left.Count >= 50, $"Only {left.Count} left in time: that proves nothing.");

        // A second by the mails of a second, since a busy machine may take its time between two of them.
        Assert.DoesNotContain(left, one => handedOver.TryGetValue(one.Key, out var at) && at - one.Value > PerSecond);
        var dropped = (await _app.CountAsync(campaign, EventType.Dropped)).Unique;
        Assert.True(dropped >= left.Count - 20, $"{dropped} of {left.Count}");
        Assert.Equal(200 - dropped, (await _app.CountAsync(campaign, EventType.Sent)).Unique);
        Assert.Empty(_app.Verify());
    }

    private async Task<Dictionary<long, string>> EmailsAsync(IReadOnlyList<long> messages)
    {
        await using var db = _app.Database();
        return await db.Messages.Where(message => messages.Contains(message.Id)).ToDictionaryAsync(message => message.Id, message => message.Email);
    }
}
