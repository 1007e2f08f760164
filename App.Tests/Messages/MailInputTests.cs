using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

public sealed class MailInputTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Theory]
    [InlineData("""{"form":"x"}""", "form")]
    [InlineData("""{"subject":5}""", "subject")]
    [InlineData("""{"to":"ana@example.com"}""", "to")]
    [InlineData("""{"to":["ana@example.com"]}""", "to[0]")]
    [InlineData("""{"to":[{"mail":"ana@example.com"}]}""", "to[0].mail")]
    [InlineData("""{"from":{"address":"x"}}""", "from")]
    [InlineData("""{"send":"no"}""", "send")]
    public async Task What_cannot_be_read_names_the_member(string body, string member)
    {
        var problem = await _app.RefusedAsync(HttpMethod.Post, MailApi.Path, body, 400);

        Assert.Equal([member], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory, InlineData(""), InlineData("{"), InlineData("null"), InlineData("[]"), InlineData("\"x\""), InlineData("""{"from":7}"""), InlineData("""{"from":["x"]}"""), InlineData("""{"subject":"\ud800"}""")]
    public Task What_is_no_mail_is_refused(string body) => _app.RefusedAsync(HttpMethod.Post, MailApi.Path, body, 400);

    [Theory]
    [InlineData("from", "null", "from")]
    [InlineData("from", "\"nobody\"", "from.email")]
    [InlineData("from", "\"\"", "from.email")]
    [InlineData("from", "{\"name\":\"Eva\"}", "from.email")]
    [InlineData("from", "{\"email\":\"eva@acme.example\",\"name\":\"a\\r\\nBcc: x@y.zz\"}", "from.name")]
    [InlineData("to", "null", "to")]
    [InlineData("to", "[]", "to")]
    [InlineData("to", "[null]", "to[0].email")]
    [InlineData("to", "[{}]", "to[0].email")]
    [InlineData("to", "[{\"email\":\"a@b\"}]", "to[0].email")]
    [InlineData("to", "[{\"email\":\"Ana <ana@example.com>\"}]", "to[0].email")]
    [InlineData("to", "[{\"customer_id\":\"nobody we know\"}]", "to[0].email")]
    [InlineData("to", "[{\"customer_id\":\"\",\"email\":\"ana@example.com\"}]", "to[0].customer_id")]
    [InlineData("to", "[{\"email\":\"ana@example.com\",\"data\":[]}]", "to[0].data")]
    [InlineData("to", "[{\"email\":\"ana@example.com\",\"tracking_consent\":\"maybe\"}]", "to[0].tracking_consent")]
    [InlineData("to", "[{\"email\":\"ana@example.com\"},{\"email\":\"ANA@example.com\"}]", "to[1].email")]
    [InlineData("subject", "\"a\\nb\"", "subject")]
    [InlineData("html", "\"<a href='http://localhost:8080/c/abc'>x</a>\"", "html")]
    [InlineData("html", "\"<p>\\u0000</p>\"", "html")]
    [InlineData("text", "\"\\u0000\"", "text")]
    [InlineData("send", "true", "connection_id")]
    [InlineData("connection_id", "\"con_1\"", "connection_id")]
    [InlineData("html", "\"<p>{{#if a}}\"", "html")]
    [InlineData("text", "\"Hi {{name\"", "text")]
    [InlineData("subject", "\"{{name|default:there}}\"", "subject")]
    public async Task What_makes_no_sense_names_the_field(string member, string value, string field)
    {
        var mail = MailApi.Mail();
        mail[member] = JsonNode.Parse(value);

        var problem = await _app.RefusedAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), 422);

        Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_mail_says_something_to_at_most_a_hundred_people_who_are_not_the_same()
    {
        var silent = MailApi.Mail();
        (silent["html"], silent["text"]) = (" ", null);
        var many = MailApi.Mail([.. Enumerable.Range(0, 101).Select(i => $"p{i}@example.com")]);
        var same = MailApi.Mail("one@example.com", "two@example.com");
        (same["to"]![0]!["customer_id"], same["to"]![1]!["customer_id"]) = ("7", "7");

        var heavy = MailApi.Mail([.. Enumerable.Range(0, 60).Select(i => $"p{i}@example.com")]);
        heavy["html"] = new string('x', 1024 * 1024);

        foreach (var (mail, field) in new[] { (silent, "html"), (many, "to"), (same, "to[1]"), (heavy, "to") })
        {
            var problem = await _app.RefusedAsync(HttpMethod.Post, MailApi.Path, mail.ToJsonString(), 422);
            Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
        }
    }

    [Theory]
    [InlineData("?indicator=pink", "indicator")]
    [InlineData("?status=seen", "status")]
    [InlineData("?campaign_id=7", "campaign_id")]
    [InlineData("?kind=many", "kind")]
    [InlineData("?kind=single&campaign_id=cmp_1", "kind")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=501", "limit")]
    [InlineData("?cursor=abc", "cursor")]
    [InlineData("?cursor=bWVzc2FnZXM6NSw1", "cursor")]
    public async Task A_list_that_cannot_be_is_refused(string query, string field)
    {
        var problem = await _app.RefusedAsync(HttpMethod.Get, MailApi.Path + query, null, 422);

        Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_cursor_of_another_filter_is_refused()
    {
        await _app.GivenMailAsync(MailApi.Mail("x@example.com", "y@example.com"));
        using var answer = await _app.RawAsync(HttpMethod.Get, $"{MailApi.Path}?limit=1", null);
        var cursor = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["next_cursor"]!;

        await _app.RefusedAsync(HttpMethod.Get, $"{MailApi.Path}?kind=single&cursor={cursor}", null, 422);
    }

    [Theory, InlineData("msg_999999999"), InlineData("msg_0"), InlineData("msg_01"), InlineData("7"), InlineData("cmp_1")]
    public async Task A_message_that_is_not_there_is_not_found(string id)
    {
        await _app.RefusedAsync(HttpMethod.Get, $"{MailApi.Path}/{id}", null, 404);
        await _app.RefusedAsync(HttpMethod.Post, $"{MailApi.Path}/{id}/replies", "{}", 404);
    }

    [Theory]
    [InlineData("""{"event_id":""}""", 422)]
    [InlineData("""{"occurred_at":"1999-01-01T00:00:00Z"}""", 422)]
    [InlineData("""{"occurred_at":"2099-01-01T00:00:00Z"}""", 422)]
    [InlineData("""{"occurred_at":"yesterday"}""", 400)]
    [InlineData("""{"text":"hello"}""", 400)]
    [InlineData("[]", 400)]
    public async Task A_reply_that_makes_no_sense_is_refused(string body, int status)
    {
        var copy = (await _app.GivenMailAsync(MailApi.Mail("r@example.com")))[0]!;

        await _app.RefusedAsync(HttpMethod.Post, $"{MailApi.Path}/{copy["message_id"]}/replies", body, status);

        await _app.StoredAsync();
        Assert.Empty((await _app.MessageAsync(copy))["events"]!.AsArray());
    }
}
