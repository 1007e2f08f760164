using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>What a campaign this server sends says to each recipient, and who gets nothing.</summary>
public sealed class CampaignMailsTests : IAsyncLifetime
{
    private readonly TestApp _app = new(new() { ["TrackingUrl"] = "https://t.acme.com" });
    private string _connection = "";

    // Nothing leaves while it is looked at what would: nobody listens there.
    public async ValueTask InitializeAsync() => _connection = await _app.GivenSmtpAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Each_recipient_s_mail_is_their_own_tracked_and_can_be_unsubscribed_from_with_one_click()
    {
        var campaign = await StartedAsync(recipients: 2);

        var mails = await _app.ComposeAsync(campaign);

        var mail = mails[0].Write!();
        Assert.Equal(("person1@example.com", "person2@example.com"), (mails[0].Recipient, mails[1].Recipient));
        Assert.Equal(new Mailbox("news@acme.com", "Acme"), mail.From);
        Assert.Equal([new Mailbox("person1@example.com", "Ana 1")], mail.To);
        Assert.Equal(("Hi Ana 1", "Hello Ana 1"), (mail.Subject, mail.Text));
        Assert.Contains("/o/", mail.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("shop.example", mail.Html, StringComparison.Ordinal);
        Assert.Equal(("msg_1", "msg_1@acme.com"), (mail.OurMessageId, mail.MessageId));
        Assert.True(mail.OneClickUnsubscribe);
        Assert.StartsWith("https://t.acme.com/u/", mail.ListUnsubscribe[0], StringComparison.Ordinal);
        Assert.Equal([true, true], (await StatesAsync()).Select(state => state.Tracked));

        using var visitor = _app.Anonymous();
        using var left = await visitor.PostAsync(new Uri(mail.ListUnsubscribe[0]).PathAndQuery, new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]));
        await _app.StoredAsync();
        Assert.Equal("The address is suppressed: unsubscribed.", (await _app.ComposeAsync(campaign))[0].DropReason);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_same_message_always_gets_the_same_content()
    {
        var campaign = await StartedAsync(campaign: Tested());

        var first = await _app.ComposeAsync(campaign);
        var second = await _app.ComposeAsync(campaign);

        Assert.Equal(first.Select(mail => Encoding.UTF8.GetString(MimeWriter.Write(mail.Write!()))), second.Select(mail => Encoding.UTF8.GetString(MimeWriter.Write(mail.Write!()))));
        Assert.Equal(["Only today", "Save 20%", "Your spring pick"], first.Select(mail => mail.Write!().Subject).Distinct().Order());
    }

    [Fact]
    public async Task Who_refused_tracking_gets_raw_links_and_who_agrees_later_gets_them_tracked()
    {
        var campaign = await StartedAsync(recipients: 1);
        await ConsentAsync("denied");

        var withheld = (await _app.ComposeAsync(campaign))[0].Write!();

        Assert.DoesNotContain("/o/", withheld.Html, StringComparison.Ordinal);
        Assert.Contains("https://shop.example/b", withheld.Html, StringComparison.Ordinal);
        Assert.Equal((false, true), ((await StatesAsync())[0].Tracked, (await StatesAsync())[0].Withheld));
        Assert.Equal(1, await NotTrackedAsync());

        await ConsentAsync("granted");
        Assert.Contains("/o/", (await _app.ComposeAsync(campaign))[0].Write!().Html, StringComparison.Ordinal);
        Assert.Equal(0, await NotTrackedAsync());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Who_may_not_be_mailed_any_more_is_left_out_with_the_reason()
    {
        var written = SendingSetting.Campaign(_connection);
        written["topics"] = new JsonArray("Offers");
        var campaign = await StartedAsync(recipients: 4, written);
        await _app.SuppressAsync("person1@example.com", "complaint");
        await _app.SqlAsync("""UPDATE contacts SET refused_topics = '["offers"]' WHERE email = 'person2@example.com'""");
        await _app.SqlAsync("UPDATE contacts SET deleted_at = 1 WHERE email = 'person3@example.com'");

        var mails = await _app.ComposeAsync(campaign);

        Assert.Equal(
            ["The address is suppressed: complaint.", "The recipient wants no mail on the campaign's topics.", "The contact was deleted.", null],
            mails.Select(mail => mail.DropReason));
        Assert.Equal([true, true, true, false], mails.Select(mail => mail.Write is null));
    }

    [Theory]
    [InlineData("""{"name":" Ana Silva ","first_name":"X"}""", "Ana Silva")]
    [InlineData("""{"first_name":"Ana","last_name":"Silva"}""", "Ana Silva")]
    [InlineData("""{"last_name":"Silva","name":""}""", "Silva")]
    [InlineData("""{"name":7,"city":"Lisbon"}""", null)]
    [InlineData("{}", null)]
    public void The_To_field_names_whom_we_know_the_name_of(string attributes, string? name) =>
        Assert.Equal(name, ScoreTracking.Contacts.ContactName.Of(attributes));

    [Fact]
    public async Task Hostile_names_and_values_stay_within_their_field()
    {
        const string evil = "Eve\r\nBcc: victim@example.com\r\n\r\n<script>\"";
        var campaign = await _app.GivenDraftAsync(SendingSetting.Campaign(_connection));
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients", CampaignApi.Recipients(
            [new JsonObject { ["email"] = "eve@example.com", ["data"] = new JsonObject { ["first_name"] = evil } }]));
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/send");

        var mail = (await _app.ComposeAsync(campaign))[0].Write!();
        var header = Encoding.UTF8.GetString(MimeWriter.Write(mail)).Split("\r\n\r\n")[0];

        Assert.DoesNotContain("\nBcc:", header, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", mail.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_campaign_without_plain_text_goes_out_with_one_made_from_its_HTML_and_links_tracked_where_they_are_there()
    {
        var written = SendingSetting.Campaign(_connection);
        written["content"]!["text"] = "";
        written["content"]!["html"] = "<body><p>Hello {{first_name}}, <a href=\"https://shop.example/b\">the shop</a></p><a href=\"{{unsubscribe_url}}\">Unsubscribe</a></body>";
        var campaign = await StartedAsync(recipients: 1, written);

        var mail = (await _app.ComposeAsync(campaign))[0].Write!();

        var lines = mail.Text!.Split('\n');
        Assert.StartsWith("Hello Ana 1, the shop", lines[0], StringComparison.Ordinal);
        var tracked = System.Text.RegularExpressions.Regex.Match(mail.Html!, "href=\"(https://t.acme.com/c/[^\"]+)\"").Groups[1].Value;
        Assert.Contains($"({tracked})", mail.Text, StringComparison.Ordinal);
        Assert.Contains($"Unsubscribe ({mail.ListUnsubscribe[0]})", mail.Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.DoesNotContain("shop.example", mail.Text, StringComparison.Ordinal);
        var read = MimeReader.Read(MimeWriter.Write(mail));
        Assert.Equal(["text/plain", "text/html"], read.Leaves.Select(part => part.Type.Name));

        await ConsentAsync("denied");
        Assert.Contains("(https://shop.example/b)", (await _app.ComposeAsync(campaign))[0].Write!().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_without_words_make_no_plain_text()
    {
        var written = SendingSetting.Campaign(_connection);
        written["content"]!["text"] = "";
        written["content"]!["html"] = "<body><img src=\"https://cdn.example/a.png\" alt=\"\"></body>";
        var campaign = await StartedAsync(recipients: 1, written);

        Assert.Null((await _app.ComposeAsync(campaign))[0].Write!().Text);
    }

    private static JsonObject Tested()
    {
        var campaign = CampaignApi.Tested();
        campaign["delivery"] = "smtp";
        return campaign;
    }

    private async Task<string> StartedAsync(int recipients = 12, JsonObject? campaign = null)
    {
        campaign ??= SendingSetting.Campaign(_connection);
        campaign["connection_id"] = _connection;
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients, campaign);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        return id;
    }

    private async Task<List<MessageState>> StatesAsync()
    {
        await using var db = _app.Database();
        return [.. db.MessageStates.OrderBy(state => state.MessageId)];
    }

    private async Task<long> NotTrackedAsync()
    {
        await using var db = _app.Database();
        return db.Variants.Single().NotTracked;
    }

    private async Task ConsentAsync(string consent)
    {
        var contact = await _app.SendAsync(HttpMethod.Put, "/api/v1/contacts/c1", new JsonObject { ["email"] = "person1@example.com", ["tracking_consent"] = consent }, System.Net.HttpStatusCode.OK);
        Assert.NotNull(contact);
    }
}
