using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Campaigns people come into one by one, as journeys send them.</summary>
public sealed class OngoingCampaignTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();
    private string _connection = "";

    private OngoingCampaigns Ongoing => _app.Services.GetRequiredService<OngoingCampaigns>();

    public async ValueTask InitializeAsync() => _connection = await _app.GivenSmtpAsync(_server.Port);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_draft_without_recipients_is_started_stays_open_when_nobody_waits_and_is_completed_once_it_is_closed()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 0);

        Assert.Empty(await OpenAsync(id));
        Assert.Equal(EntryEnd.Sent, (await SendAsync(id, "1")).End);
        await Eventually.TrueAsync(async () => _server.Mails.Count == 1 && await _app.CountAsync(id, DeliveryState.Waiting) == 0);
        await NothingToDoAsync();
        Assert.Equal(("running", true), await StandsAsync(id));

        Assert.Equal(EntryEnd.Sent, (await SendAsync(id, "2")).End);
        await Eventually.TrueAsync(() => _server.Mails.Count == 2);
        await Ongoing.CloseAsync([SendingSetting.Number(id)], CancellationToken.None);

        await Eventually.TrueAsync(async () => await StandsAsync(id) == ("completed", false));
        Assert.Equal(["person1@example.com", "person2@example.com"], _server.Mails.SelectMany(mail => mail.Recipients));
        Assert.Equal(2, (await _app.CountAsync(SendingSetting.Number(id), EventType.Sent)).Unique);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_cannot_go_to_whoever_comes_says_why_and_then_none_of_them_is_opened()
    {
        var good = await _app.GivenSmtpDraftAsync(_connection, recipients: 0);
        var over = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{over}/actions/cancel");
        var planned = await _app.GivenSmtpDraftAsync(_connection);
        await _app.PostAsync($"/api/v1/campaigns/{planned}/actions/schedule", JsonNode.Parse("""{"at":"2026-10-01T10:00:00Z"}"""));
        var bare = CampaignApi.Campaign();
        bare.Remove("content");
        var empty = await _app.GivenDraftAsync(bare);
        var deaf = await _app.GivenSmtpDraftAsync(await _app.GivenSmtpAsync(name: "Off"), recipients: 0);
        await _app.SwitchAsync((string)(await _app.GetAsync($"/api/v1/campaigns/{deaf}"))["connection_id"]!, on: false);

        var faults = await OpenAsync(good, over, planned, empty, deaf, "cmp_99");

        Assert.Equal(
            [
                (over, "The campaign is cancelled: it goes to nobody any more. Duplicate it."),
                (planned, "The campaign is scheduled: take its schedule back first."),
                (empty, "The campaign has neither HTML nor text."),
                (deaf, "Its mail cannot be handed over: the connection is switched off."),
                ("cmp_99", "There is no such campaign."),
            ],
            faults.Select(fault => ($"cmp_{fault.Key}", fault.Value)));
        Assert.Equal(("draft", false), await StandsAsync(good));
    }

    [Fact]
    public async Task A_running_campaign_goes_on_and_a_copy_of_an_ongoing_one_is_an_ordinary_draft()
    {
        var id = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{id}/instrument", CampaignApi.Recipient(1));

        Assert.Empty(await OpenAsync(id));
        var copy = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/duplicate", null, HttpStatusCode.Created);

        Assert.Equal(("running", true), await StandsAsync(id));
        Assert.Equal(("draft", false), ((string)copy["status"]!, (bool)copy["ongoing"]!));
    }

    [Fact]
    public async Task Nobody_gets_a_campaign_twice()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 1);
        await OpenAsync(id);
        _app.Clock.Advance(TimeSpan.FromMinutes(1));

        var there = await SendAsync(id, "c1");
        var first = await SendAsync(id, "2");
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await SendAsync(id, "2");

        Assert.Equal((EntryEnd.AlreadySent, EntryEnd.Sent, EntryEnd.AlreadySent), (there.End, first.End, second.End));
        Assert.Equal(first.MessageId, second.MessageId);
        await Eventually.TrueAsync(() => _server.Mails.Count == 2);
        await NothingToDoAsync();
        Assert.Equal(2, _server.Mails.Count);
    }

    [Theory]
    [InlineData("unsubscribed")]
    [InlineData("complaint")]
    [InlineData("manual")]
    public async Task A_suppressed_person_is_left_out_and_it_says_why(string reason)
    {
        var id = await _app.GivenDraftAsync();
        await OpenAsync(id);
        var contact = await ContactAsync("7");
        await _app.SuppressAsync("PERSON7@example.com", reason);

        var entry = Send(id, contact);

        Assert.Equal((EntryEnd.LeftOut, reason, 0L), (entry.End, entry.Because, entry.MessageId));
        await using var db = _app.Database();
        Assert.False(db.Messages.Any());
    }

    [Fact]
    public async Task Who_wants_nothing_of_its_topics_or_is_deleted_is_left_out()
    {
        var campaign = CampaignApi.Campaign();
        campaign["topics"] = new JsonArray("Offers");
        var id = await _app.GivenDraftAsync(campaign);
        await OpenAsync(id);
        var (refuses, deleted) = (await ContactAsync("1"), await ContactAsync("2"));
        await _app.SqlAsync($"""UPDATE contacts SET refused_topics = '["offers"]' WHERE id = {refuses}; UPDATE contacts SET deleted_at = 1 WHERE id = {deleted}""");

        Assert.Equal((EntryEnd.LeftOut, "topics"), (Send(id, refuses).End, Send(id, refuses).Because));
        Assert.Equal((EntryEnd.LeftOut, "deleted"), (Send(id, deleted).End, Send(id, deleted).Because));
        Assert.Equal((EntryEnd.LeftOut, "deleted"), (Send(id, 99).End, Send(id, 99).Because));
    }

    [Fact]
    public async Task A_paused_campaign_waits_and_a_cancelled_or_deleted_one_is_over()
    {
        var id = await _app.GivenDraftAsync();
        await OpenAsync(id);
        var contact = await ContactAsync("1");
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/pause");
        Assert.Equal(EntryEnd.Later, Send(id, contact).End);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/cancel");
        Assert.Equal((EntryEnd.Impossible, "The campaign is cancelled."), (Send(id, contact).End, Send(id, contact).Because));
        using (var removed = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/campaigns/{id}", null))
        {
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        }

        Assert.Equal((EntryEnd.Impossible, "The campaign was deleted."), (Send(id, contact).End, Send(id, contact).Because));
    }

    [Fact]
    public async Task Mail_others_send_is_there_to_be_fetched_and_tracked_only_with_consent()
    {
        var id = await _app.GivenDraftAsync();
        await OpenAsync(id);
        var (agrees, denies) = (await ContactAsync("1"), await ContactAsync("2", TrackingConsent.Denied));

        var (first, second) = (Send(id, agrees), Send(id, denies));

        Assert.True(first.IsExternal && second.IsExternal);
        var listed = (await _app.GetAsync($"/api/v1/messages?campaign_id={id}")).AsArray();
        Assert.Equal([($"msg_{second.MessageId}", false), ($"msg_{first.MessageId}", true)], listed.Select(message => ((string)message!["message_id"]!, (bool)message["tracked"]!)));
        var copy = await _app.PostAsync($"/api/v1/campaigns/{id}/instrument", JsonNode.Parse("""{"customer_id":"1"}"""));
        Assert.Equal($"msg_{first.MessageId}", (string)copy["message_id"]!);
        await using var db = _app.Database();
        Assert.Equal(1, db.Variants.Single().NotTracked);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_test_deals_whoever_comes_and_counts_them()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await OpenAsync(id);

        for (var number = 1; number <= 12; number++)
        {
            Assert.Equal(EntryEnd.Sent, (await SendAsync(id, $"{number}")).End);
        }

        Assert.Equal([2L, 2, 2, 2, 2, 2], (await _app.GetAsync($"/api/v1/campaigns/{id}"))["variants"]!.AsArray().Select(variant => (long)variant!["recipients"]!));
        await using var db = _app.Database();
        Assert.Equal([2, 2, 2, 2, 2, 2], db.MessageStates.AsEnumerable().GroupBy(state => state.Variant).Select(group => group.Count()));
        Assert.Empty(_app.Verify());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Whom_a_test_holds_back_waits_for_its_end_and_then_gets_one_mail(bool ours)
    {
        var campaign = ours ? SendingSetting.Campaign(_connection) : CampaignApi.Campaign();
        campaign["ab_test"] = JsonNode.Parse("""
            {"factors":[{"field":"subject","levels":[{"key":"a","value":"One"},{"key":"b","value":"Two"}]}],"sample_percent":1,"winner":{"mode":"manual","after_hours":1}}
            """);
        var id = await _app.GivenDraftAsync(campaign);
        await OpenAsync(id);

        // Of a hundred about one belongs to the sample.
        var waiting = new List<long>();
        for (var number = 1; number <= 5; number++)
        {
            var contact = await ContactAsync($"{number}");
            if (Send(id, contact, since: 1).End == EntryEnd.Later)
            {
                waiting.Add(contact);
            }
        }

        Assert.NotEmpty(waiting);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/select_winner", JsonNode.Parse("""{"variant_id":"b"}"""));
        await Eventually.TrueAsync(async () => (await StandsAsync(id)).Status == "running");

        Assert.All(waiting, contact => Assert.Equal((EntryEnd.Sent, true), (Send(id, contact, since: 1).End, Send(id, contact, since: 1).WasThere)));
        await using var db = _app.Database();
        Assert.All(waiting, contact => Assert.Equal(1, db.MessageStates.Single(state => state.ContactId == contact).Variant));
        await Eventually.TrueAsync(() => _server.Mails.Count == (ours ? 5 : 0));
        Assert.Empty(_app.Verify());
    }

    private async Task<IReadOnlyDictionary<long, string>> OpenAsync(params string[] ids) => await Ongoing.OpenAsync([.. ids.Select(SendingSetting.Number)], CancellationToken.None);

    private async Task<(string Status, bool Ongoing)> StandsAsync(string id)
    {
        var campaign = await _app.GetAsync($"/api/v1/campaigns/{id}");
        return ((string)campaign["status"]!, (bool)campaign["ongoing"]!);
    }

    private async Task<long> ContactAsync(string customer, TrackingConsent consent = TrackingConsent.Granted)
    {
        await using var db = _app.Database();
        var contact = new Contact
        {
            CustomerId = customer, Email = $"person{customer}@example.com", Attributes = """{"first_name":"Ana"}""", TrackingConsent = consent, CreatedAt = _app.Clock.GetUtcNow(),
        };
        db.Add(contact);
        await db.SaveChangesAsync();
        return contact.Id;
    }

    private async Task<Entry> SendAsync(string id, string customer)
    {
        await using var db = _app.Database();
        var contact = db.Contacts.Where(one => one.CustomerId == customer).Select(one => one.Id).FirstOrDefault();
        return Send(id, contact == 0 ? await ContactAsync(customer) : contact);
    }

    private Entry Send(string id, long contact, long? since = null)
    {
        using var connection = _app.Services.GetRequiredService<SqliteFile>().Open();
        using var transaction = connection.BeginTransaction();
        using var commands = new PreparedCommands(connection);
        commands.Enter(transaction);
        var entry = _app.Services.GetRequiredService<RecipientEntry>().Send(commands, transaction, SendingSetting.Number(id), contact, since ?? _app.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        transaction.Commit();
        _app.Services.GetRequiredService<SendQueue>().Wake();
        return entry;
    }

    // The dispatcher completes what is done before it sends what comes after it.
    private async Task NothingToDoAsync()
    {
        var other = await _app.GivenSmtpDraftAsync(_connection, recipients: 0, SendingSetting.Campaign(_connection, "Another"));
        await _app.PostAsync($"/api/v1/campaigns/{other}/recipients", CampaignApi.Recipients([new JsonObject { ["customer_id"] = "other", ["email"] = "other@example.net" }]));
        var before = _server.Mails.Count;
        await _app.PostAsync($"/api/v1/campaigns/{other}/actions/send");
        await Eventually.TrueAsync(async () => (string)(await _app.GetAsync($"/api/v1/campaigns/{other}"))["status"]! == "completed");
        Assert.Equal(before + 1, _server.Mails.Count);
        var mails = _server.Mails.Where(mail => !mail.Recipients.Contains("other@example.net")).ToList();
        _server.Mails.Clear();
        mails.ForEach(_server.Mails.Enqueue);
    }
}
