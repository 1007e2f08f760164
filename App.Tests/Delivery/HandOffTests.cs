using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Events;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

public sealed class HandOffTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_campaign_goes_out_once_to_everybody_counts_as_sent_and_is_completed()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(30);

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        Assert.Equal(30, _server.Mails.Count);
        Assert.Equal(30, _server.Mails.Select(mail => mail.Recipients.Single()).Distinct().Count());
        Assert.All(_server.Mails, mail => Assert.Equal("news@example.com", mail.Sender));
        Assert.Equal((30, 30), await _app.CountAsync(campaign, EventType.Sent));
        Assert.Null(await _app.DeliveryAsync(messages[0]));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_the_server_refuses_bounces_by_its_words_and_is_not_sent()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(3);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 user unknown" : null;

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        Assert.Empty(_server.Mails);
        Assert.Equal(((0, 0), (3, 3)), (await _app.CountAsync(campaign, EventType.Sent), await _app.CountAsync(campaign, EventType.Bounced)));
        Assert.Equal(BounceKind.Hard, (await _app.StateAsync(messages[0])).Bounce);
        var failed = await _app.DeliveryAsync(messages[0]);
        Assert.Equal((DeliveryState.Failed, 1, 550, "5.1.1"), (failed!.State, failed.Attempts, failed.Code, failed.Status));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_the_server_will_not_take_for_now_waits_a_minute_and_is_deferred()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(1);
        _server.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "450 4.2.1 greylisted" : null;

        await _app.ConnectAsync(_server.Port);
        await Eventually.TrueAsync(async () => (await _app.DeliveryAsync(messages[0]))!.Attempts == 1);

        var waits = await _app.DeliveryAsync(messages[0]);
        Assert.Equal((DeliveryState.Waiting, 450, _app.Clock.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds()), (waits!.State, waits.Code, waits.NextAt));
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Deferred));
        Assert.Equal(CampaignStatus.Running, await _app.CampaignStatusAsync(campaign));

        _server.Answer = _ => null;
        _app.Clock.Advance(TimeSpan.FromMinutes(2));
        await _app.CompletedAsync(campaign);
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Sent));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_mail_without_an_answer_is_uncertain_never_sent_again_and_settled_by_a_later_report()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(1);
        _server.Answer = line => line == "CONTENT" ? ScriptedSmtpServer.Drop : null;

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        var uncertain = await _app.DeliveryAsync(messages[0]);
        Assert.Equal((DeliveryState.Uncertain, 1), (uncertain!.State, uncertain.Attempts));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Sent));
        Assert.Single(_server.Lines, line => line == "DATA");
        Assert.Empty(_app.Verify());
    }

    [Theory, InlineData("421 4.3.2 going down"), InlineData(ScriptedSmtpServer.Drop)]
    public async Task A_server_that_ends_every_fifth_conversation_still_gets_everything_once(string ends)
    {
        var (campaign, _) = await _app.GivenQueuedAsync(20);
        var senders = 0;
        _server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) && Interlocked.Increment(ref senders) % 5 == 0 ? ends : null;

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign, seconds: 60);

        Assert.Equal(20, _server.Mails.Select(mail => mail.Recipients.Single()).Distinct().Count());
        Assert.Equal(20, _server.Mails.Count);
        Assert.Equal((20, 20), await _app.CountAsync(campaign, EventType.Sent));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Bounced));
    }

    [Fact]
    public async Task Whoever_unsubscribed_after_the_start_is_dropped_and_counted_so()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(2);
        _app.Services.GetRequiredService<HeldUnsubscribes>().Hold(await EmailOfAsync(messages[0]));

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        Assert.Equal(await EmailOfAsync(messages[1]), Assert.Single(_server.Mails).Recipients.Single());
        Assert.Equal(((1, 1), (1, 1)), (await _app.CountAsync(campaign, EventType.Dropped), await _app.CountAsync(campaign, EventType.Sent)));
        Assert.Equal(DeliveryState.Withdrawn, (await _app.DeliveryAsync(messages[0]))!.State);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Whoever_unsubscribes_while_the_server_thinks_about_the_mail_before_gets_none()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(3);
        using var thinks = new SemaphoreSlim(0);
        using var goesOn = new SemaphoreSlim(0);
        var mails = 0;
        _server.Answer = line =>
        {
            if (line == "CONTENT" && Interlocked.Increment(ref mails) == 1)
            {
                thinks.Release();
                goesOn.Wait();
            }

            return null;
        };

        await _app.ConnectAsync(_server.Port, lanes: 1);
        Assert.True(await thinks.WaitAsync(TimeSpan.FromMinutes(1)));
        _app.Services.GetRequiredService<HeldUnsubscribes>().Hold(await EmailOfAsync(messages[1]));
        _app.Clock.Pass(TimeSpan.FromSeconds(1));
        goesOn.Release();
        await _app.CompletedAsync(campaign);

        Assert.Equal([await EmailOfAsync(messages[0]), await EmailOfAsync(messages[2])], _server.Mails.Select(mail => mail.Recipients.Single()));
        Assert.Contains($"RCPT TO:<{await EmailOfAsync(messages[1])}>", _server.Lines); // asked about, and not sent
        Assert.Equal(((1, 1), (2, 2)), (await _app.CountAsync(campaign, EventType.Dropped), await _app.CountAsync(campaign, EventType.Sent)));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_paused_campaign_sends_nothing_and_goes_on_when_it_is_resumed()
    {
        var (campaign, _) = await _app.GivenQueuedAsync(3, status: CampaignStatus.Paused);
        var (other, _) = await _app.GivenQueuedAsync(2);

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(other);
        Assert.Equal(2, _server.Mails.Count);

        await using var db = _app.Database();
        await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.Status, CampaignStatus.Running));
        _app.Services.GetRequiredService<SendQueue>().Wake();
        await _app.CompletedAsync(campaign);
        Assert.Equal(5, _server.Mails.Count);
    }

    private async Task<string> EmailOfAsync(long messageId) => (await _app.MessageAsync(messageId)).Email;
}
