using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Copies for those who make a campaign.</summary>
public sealed class TestMailsTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private readonly ScriptedSmtpServer _server = new();
    private string _connection = "";

    public async ValueTask InitializeAsync() => _connection = await _app.GivenSmtpAsync(_server.Port);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_test_is_marked_untracked_filled_with_a_contact_s_data_and_counted_nowhere()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 2);

        var answer = await _app.PostAsync($"/api/v1/campaigns/{id}/actions/test", JsonNode.Parse("""{"to":["me@acme.com","you@acme.com"],"as":"c2"}"""));

        Assert.Equal(["accepted", "accepted"], answer["outcomes"]!.AsArray().Select(outcome => (string)outcome!["outcome"]!));
        Assert.Equal(["me@acme.com", "you@acme.com"], _server.Mails.SelectMany(mail => mail.Recipients));
        var mail = _server.Mails.First().Text;
        Assert.Contains("Subject: [Test] Hi Ana 2", mail, StringComparison.Ordinal);
        Assert.Contains("https://shop.example/b", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("/o/", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("List-Unsubscribe", mail, StringComparison.Ordinal);
        Assert.DoesNotContain("X-ST-Message-ID", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("draft", (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["status"]!);
        await using var db = _app.Database();
        Assert.Empty(db.Events);
        Assert.Empty(db.Deliveries);
        Assert.Equal(2, db.Contacts.Count());
    }

    [Fact]
    public async Task A_test_of_HTML_alone_has_its_plain_text_too()
    {
        var campaign = SendingSetting.Campaign(_connection);
        campaign["content"]!["text"] = "";
        campaign["content"]!["html"] = "<p>Hi {{first_name}}, <a href=\"https://shop.example/b\">look</a></p>";
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 0, campaign);

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/test", JsonNode.Parse("""{"to":["me@acme.com"]}"""));

        Assert.Contains("\r\nHi Ana, look (https://shop.example/b)\r\n", Assert.Single(_server.Mails).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_contact_the_fields_say_something_likely_and_a_variant_may_be_chosen()
    {
        var tested = CampaignApi.Tested();
        (tested["delivery"], tested["connection_id"]) = ("smtp", _connection);
        tested["content"]!["text"] = "Hello {{first_name}}{{nobody_has_this}}.";
        var id = await _app.GivenSmtpDraftAsync(_connection, recipients: 0, tested);

        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/test", JsonNode.Parse("""{"to":["me@acme.com"],"variant":"s3.c2"}"""));

        var mail = Assert.Single(_server.Mails).Text;
        Assert.Contains("Subject: [Test] Your spring pick", mail, StringComparison.Ordinal);
        Assert.Contains("<p>B ", mail, StringComparison.Ordinal);
        Assert.Contains("Hello Ana", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_becomes_of_each_is_told_and_a_suppressed_address_gets_nothing()
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);
        await _app.SuppressAsync("left@acme.com");
        _server.Answer = line => line.StartsWith("RCPT TO:<gone@", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user" : null;

        var answer = await _app.PostAsync($"/api/v1/campaigns/{id}/actions/test", JsonNode.Parse("""{"to":["left@acme.com","gone@acme.com","me@acme.com"]}"""));

        Assert.Equal(
            [("left@acme.com", "suppressed"), ("gone@acme.com", "refused"), ("me@acme.com", "accepted")],
            answer["outcomes"]!.AsArray().Select(outcome => ((string)outcome!["to"]!, (string)outcome["outcome"]!)));
        Assert.Contains("No such user", (string)answer["outcomes"]![1]!["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["me@acme.com"], _server.Mails.SelectMany(mail => mail.Recipients));
    }

    [Theory]
    [InlineData("""{}""", 422, "to")]
    [InlineData("""{"to":[]}""", 422, "to")]
    [InlineData("""{"to":["a@x.com","b@x.com","c@x.com","d@x.com","e@x.com","f@x.com"]}""", 422, "to")]
    [InlineData("""{"to":["a@x.com","nobody"]}""", 422, "to[1]")]
    [InlineData("""{"to":[null]}""", 422, "to[0]")]
    [InlineData("""{"to":["a@x.com"],"as":"stranger"}""", 422, "as")]
    [InlineData("""{"to":["a@x.com"],"variant":"s9"}""", 422, "variant")]
    [InlineData("""{"to":["a@x.com"],"cc":[]}""", 400, "cc")]
    public async Task A_test_that_makes_no_sense_is_refused_and_nothing_goes_out(string body, int status, string path)
    {
        var id = await _app.GivenSmtpDraftAsync(_connection);

        var problem = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/test", body, status);

        Assert.Contains(path, problem["errors"]!.AsObject().Select(error => error.Key.TrimStart('$', '.')));
        Assert.Empty(_server.Mails);
    }

    [Fact]
    public async Task A_campaign_without_content_or_connection_has_no_test()
    {
        var silent = SendingSetting.Campaign(_connection);
        silent["content"] = new JsonObject { ["subject"] = "Hi" };
        var external = await _app.GivenDraftAsync();
        var empty = await _app.GivenDraftAsync(silent);

        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{external}/actions/test", """{"to":["a@x.com"]}""", 409);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{empty}/actions/test", """{"to":["a@x.com"]}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns/cmp_999/actions/test", """{"to":["a@x.com"]}""", 404);
    }
}
