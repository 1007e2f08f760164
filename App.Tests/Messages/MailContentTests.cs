using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Messages;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

/// <summary>How long what a single mail says is kept, and what for: a soft bounce sends it again.</summary>
public sealed class MailContentTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();

    public async ValueTask InitializeAsync() => await _app.ConnectAsync(_server.Port);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_soft_bounce_that_is_reported_sends_it_again_the_same_twice_at_most()
    {
        var mail = Sent();
        mail["attachments"] = JsonNode.Parse("""[{"file_name":"offer.txt","content":"dGVuIHBlcmNlbnQ="}]""");
        var copy = (await _app.GivenMailAsync(mail))[0]!;
        var id = MailApi.Number(copy);
        await ArrivedAsync(1);
        await Eventually.TrueAsync(async () => (string?)(await _app.MessageAsync(copy))["status"] == "sent");

        foreach (var (round, hours) in new[] { (1, 4), (2, 24) })
        {
            await BounceAsync(id, BounceKind.Soft, $"soft{round}");
            await Eventually.TrueAsync(async () => await _app.DeliveryAsync(id) is { State: DeliveryState.Waiting, ConnectionId: 1 });
            Forget();
            _app.Clock.Advance(TimeSpan.FromHours(hours) + TimeSpan.FromMinutes(1));
            await _app.SendAsync(HttpMethod.Post, "/api/v1/sending/actions/release", null, HttpStatusCode.OK);
            await ArrivedAsync(round + 1);
            await Eventually.TrueAsync(async () => await _app.DeliveryAsync(id) is null);
        }

        Assert.Single(_server.Mails.Select(sent => sent.Text).Distinct());
        await BounceAsync(id, BounceKind.Soft, "soft3");
        _app.Clock.Advance(TimeSpan.FromHours(72));
        Forget();
        Assert.Null(await _app.ContentAsync(copy));
        Assert.Null(await _app.DeliveryAsync(id));
        Assert.Equal("bounced", (string?)(await _app.MessageAsync(copy))["status"]);
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData(EventType.Bounced, BounceKind.Hard)]
    [InlineData(EventType.Bounced, BounceKind.Block)]
    [InlineData(EventType.Opened, BounceKind.None)]
    [InlineData(EventType.Complained, BounceKind.None)]
    public async Task What_a_mail_said_is_forgotten_once_it_is_known_to_have_arrived_or_bounced_for_good(EventType type, BounceKind bounce)
    {
        var copy = (await _app.GivenMailAsync(Sent()))[0]!;
        await Eventually.TrueAsync(async () => (string?)(await _app.MessageAsync(copy))["status"] == "sent" && await _app.DeliveryAsync(MailApi.Number(copy)) is null);
        Forget();
        Assert.NotNull(await _app.ContentAsync(copy));

        await _app.StoreAsync(Some.Event(MailApi.Number(copy), type, TimeSpan.FromMinutes(3), bounce: bounce));
        Forget();

        Assert.Null(await _app.ContentAsync(copy));
    }

    [Fact]
    public async Task After_72_hours_without_a_word_it_is_forgotten_too_and_what_was_given_up_after_seven_days()
    {
        _server.Answer = line => line.Contains("<gone@", StringComparison.Ordinal) ? "550 5.7.1 not from here" : null;
        var (sent, failed) = ((await _app.GivenMailAsync(Sent()))[0]!, (await _app.GivenMailAsync(Sent("gone@example.com")))[0]!);
        await Eventually.TrueAsync(async () => await _app.DeliveryAsync(MailApi.Number(sent)) is null && await _app.DeliveryAsync(MailApi.Number(failed)) is { State: DeliveryState.Failed });

        _app.Clock.Advance(TimeSpan.FromHours(71));
        Forget();
        Assert.NotNull(await _app.ContentAsync(sent));
        _app.Clock.Advance(TimeSpan.FromHours(2));
        Forget();
        Assert.Null(await _app.ContentAsync(sent));
        Assert.NotNull(await _app.ContentAsync(failed));
        _app.Clock.Advance(TimeSpan.FromDays(5));
        Forget();
        Assert.Null(await _app.ContentAsync(failed));
    }

    [Fact]
    public async Task Erasing_a_person_forgets_what_they_were_sent_at_once()
    {
        var copy = (await _app.GivenMailAsync(Sent()))[0]!;
        await Eventually.TrueAsync(async () => (string?)(await _app.MessageAsync(copy))["status"] == "sent");
        Assert.NotNull(await _app.ContentAsync(copy));

        using var erased = await _app.Api.DeleteAsync("/api/v1/contacts/ctc_1?erase=true", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        Assert.Null(await _app.ContentAsync(copy));
    }

    private static JsonObject Sent(params string[] to)
    {
        var mail = MailApi.Mail(to);
        mail["send"] = true;
        return mail;
    }

    private Task ArrivedAsync(int mails) => Eventually.TrueAsync(() => _server.Mails.Count >= mails);

    private Task BounceAsync(long message, BounceKind kind, string key)
    {
        _app.Clock.Advance(TimeSpan.FromSeconds(10));
        return _app.StoreAsync(new EmailEvent
        {
            Type = EventType.Bounced, Source = EventSource.Webhook, Bounce = kind, MessageId = message, SourceKey = key, Reason = "452 4.2.2 mailbox full",
            OccurredAt = _app.Clock.GetUtcNow(), ReceivedAt = _app.Clock.GetUtcNow(),
        });
    }

    private void Forget() => _app.Services.GetRequiredService<MailContentPurge>().Run();
}
