using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Domains;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class SendCheckTests : IAsyncLifetime
{
    private const string Good = """
        <html><body><p>Dear {{first_name}}, spring is here, and with it our new shoes for the garden, the mountains and the town. Come and see them all, at home or in one of our shops.</p>
        <a href="https://shop.acme.example/spring">See the shoes</a><img src="https://cdn.acme.example/a.png" alt="Shoes"><a href="{{unsubscribe_url}}">Unsubscribe</a></body></html>
        """;

    private readonly DnsServer _dns = new();
    private TestApp _app = null!;

    public ValueTask InitializeAsync()
    {
        _app = new TestApp(new() { ["Dns:Servers:0"] = _dns.Address, ["Dns:Timeout"] = "00:00:10", ["PublicUrl"] = "https://links.acme.example" });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_that_is_as_it_should_be_is_good_in_everything()
    {
        var domain = await _app.GivenDomainAsync("acme.example", new { selector = "s1" });
        var key = domain.GetProperty("keys")[0];
        _dns.Text(key.Text("dns_name"), key.Text("dns_record")).Text("acme.example", "v=spf1 mx -all").Text("_dmarc.acme.example", "v=DMARC1; p=reject")
            .Mail("acme.example", "mx.acme.example").Host("links.acme.example", "192.0.2.7");
        using var looked = await _app.Api.PostAsync($"{DomainApi.Path}/{domain.Text("id")}/actions/check", null);

        var check = await CheckAsync(Mail());

        Assert.Equal("good", (string)check["verdict"]!);
        Assert.Equal(
            ["from", "images", "links", "list_unsubscribe", "preheader", "reply_to", "sender", "size", "subject", "text", "unsubscribe"],
            check["findings"]!.AsArray().Select(finding => (string)finding!["check"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("content.subject", "", "subject", "bad", "no subject")]
    [InlineData("content.subject", "BUY NOW OR NEVER", "subject", "warning", "all capitals")]
    [InlineData("content.subject", "A subject that goes on and on, past everything that any mailbox in the world would ever show of it", "subject", "warning", "characters")]
    [InlineData("content.preheader", "", "preheader", "warning", "no preheader")]
    [InlineData("content.text", "", "text", "warning", "no plain text")]
    [InlineData("from.name", "", "from", "warning", "no sender’s name")]
    [InlineData("from.email", "noreply@acme.example", "reply_to", "warning", "cannot answer")]
    [InlineData("from.email", "acme@gmail.com", "sender", "bad", "Gmail")]
    [InlineData("from.email", "news@other.example", "sender", "unknown", "Your CRM")]
    [InlineData("html+", "<a href=\"http://shop.acme.example/x\">x</a>", "links", "warning", "1 link is http, which browsers warn of: http://shop.acme.example/x.")]
    [InlineData("html+", "<a href=\"\">x</a><a href=\"#\">y</a>", "links", "warning", "2 links lead nowhere")]
    [InlineData("html+", "<a href=\"http://localhost:5000/x\">x</a>", "links", "bad", "cannot reach: http://localhost:5000/x")]
    [InlineData("html+", "<a href=\"https://intranet/x\">x</a>", "links", "bad", "cannot reach: https://intranet/x")]
    [InlineData("html+", "<img src=\"https://cdn.acme.example/b.png\">", "images", "warning", "no alternative text")]
    [InlineData("html+", "<img alt=\"\" src=\"images/b.png\">", "images", "bad", "no full address")]
    [InlineData("html+", "<img alt=\"\" src=\"data:image/png;base64,AAAA\">", "images", "warning", "inside the HTML")]
    [InlineData("html", "<html><body><p>Hello</p><a href=\"{{unsubscribe_url}}\">x</a><img alt=\"all of it\" src=\"https://cdn.acme.example/b.png\"></body></html>", "images", "warning", "nothing but images")]
    [InlineData("html", "<html><body><p>Hello</p></body></html>", "unsubscribe", "bad", "no unsubscribe link")]
    public async Task What_is_amiss_is_told_in_words(string field, string value, string about, string verdict, string words)
    {
        var mail = Mail();
        switch (field)
        {
            case "html+":
                mail["content"]!["html"] = Good.Replace("</body>", $"{value}</body>", StringComparison.Ordinal);
                break;
            case "html":
                mail["content"]!["html"] = value;
                break;
            default:
                var path = field.Split('.');
                mail[path[0]]![path[1]] = value;
                break;
        }

        var found = await FindingAsync(mail, about, verdict);

        Assert.Contains(words, found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_size_is_that_of_the_mail_as_it_travels_with_its_tracked_links()
    {
        var links = string.Concat(Enumerable.Range(0, 900).Select(number => $"<a href=\"https://a.example/{number}\">{number}</a>"));
        var bare = Good.Length + links.Length;
        var mail = Mail();
        mail["content"]!["html"] = Good.Replace("</body>", $"{links}</body>", StringComparison.Ordinal);
        var before = await FindingAsync(mail, "size", "good");
        mail["content"]!["html"] = Good.Replace("</body>", $"{links}{new string('x', (102 * 1024) - bare - 40_000)}</body>", StringComparison.Ordinal);

        var after = await FindingAsync(mail, "size", "warning");

        Assert.Contains("102 KB", before, StringComparison.Ordinal);
        Assert.Contains("Gmail cuts it off", after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_told_how_many_recipients_lack_a_merge_field_that_has_no_default()
    {
        var mail = Mail();
        mail["content"]!["subject"] = "{{city|default:\"Home\"}} {{#if size}}{{size}}{{/if}}";
        mail["content"]!["html"] = Good.Replace("spring is here", "{{customer_id}} {{email}} {{odd.name}}", StringComparison.Ordinal);
        var id = await _app.GivenDraftAsync(mail);
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(
        [
            new JsonObject { ["customer_id"] = "1", ["email"] = "a@example.com", ["data"] = new JsonObject { ["first_name"] = "Ana", ["odd.name"] = 0 } },
            new JsonObject { ["customer_id"] = "2", ["email"] = "b@example.com", ["data"] = new JsonObject { ["first_name"] = " ", ["odd.name"] = false } },
            new JsonObject { ["email"] = "c@example.com", ["data"] = new JsonObject { ["odd.name"] = "x" } },
        ]));

        var found = (await _app.GetAsync($"/api/v1/campaigns/{id}/check"))["findings"]!.AsArray().Where(finding => (string)finding!["check"]! == "fields").ToList();

        Assert.All(found, finding => Assert.Equal("warning", (string)finding!["verdict"]!));
        Assert.Equal(
            [
                "Of 3 recipients 2 have no first_name: they will read it as it is written, unless your CRM fills it. A default helps: {{first_name|default:\"…\"}}.",
                "Of 3 recipients 1 has no customer_id: they will read it as it is written, unless your CRM fills it. A default helps: {{customer_id|default:\"…\"}}.",
            ],
            found.Select(finding => (string)finding!["text"]!));
    }

    [Fact]
    public async Task Where_nobody_lacks_anything_that_is_told_too_and_of_our_own_mail_what_is_read_instead()
    {
        var connection = await _app.GivenSmtpAsync();
        var mail = Mail();
        (mail["delivery"], mail["connection_id"]) = ("smtp", connection);
        mail["content"]!["text"] = "";
        var id = await _app.GivenSmtpDraftAsync(connection, recipients: 2, mail);

        var good = await _app.GetAsync($"/api/v1/campaigns/{id}/check");
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients([new JsonObject { ["email"] = "x@example.com" }]));
        var lacking = await _app.GetAsync($"/api/v1/campaigns/{id}/check");

        Assert.Contains("Every recipient has a value", Words(good, "fields"), StringComparison.Ordinal);
        Assert.Contains("made from the HTML", Words(good, "text"), StringComparison.Ordinal);
        Assert.Contains("Of 3 recipients 1 has no first_name: they will read nothing in its place", Words(lacking, "fields"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_variant_of_a_test_is_looked_at()
    {
        var mail = Mail();
        mail["ab_test"] = new JsonObject
        {
            ["factors"] = new JsonArray(
                new JsonObject { ["field"] = "subject", ["levels"] = new JsonArray(Level("a", "A fine subject"), Level("b", "LOUD AND CLEAR")) },
                new JsonObject { ["field"] = "html", ["levels"] = new JsonArray(Level("a", Good), Level("b", "<p>Without a way out</p>")) }),
        };

        var check = await CheckAsync(mail);

        Assert.Equal("bad", (string)check["verdict"]!);
        Assert.Contains("LOUD AND CLEAR", Words(check, "subject"), StringComparison.Ordinal);
        Assert.Contains("no unsubscribe link", Words(check, "unsubscribe"), StringComparison.Ordinal);
        Assert.Equal("bad", (string)check["findings"]![0]!["verdict"]!);
    }

    [Fact]
    public async Task Without_https_one_click_cannot_work_and_what_DNS_found_is_told_here_too()
    {
        await using var plain = new TestApp();
        await plain.GivenDomainAsync("acme.example");
        var id = await plain.GivenDraftAsync(Mail());

        var check = await plain.GetAsync($"/api/v1/campaigns/{id}/check");

        Assert.Contains("needs https", Words(check, "list_unsubscribe"), StringComparison.Ordinal);
        Assert.Contains("never asked", Words(check, "sender"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_a_check_only_of_campaigns_and_for_those_who_may_read_them()
    {
        using var anonymous = _app.Anonymous();
        using var closed = await anonymous.GetAsync("/api/v1/campaigns/cmp_1/check");

        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/campaigns/cmp_99/check", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/campaigns/con_1/check", null, 404);
        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
    }

    private static JsonObject Level(string key, string value) => new() { ["key"] = key, ["value"] = value };

    private static JsonObject Mail() => new()
    {
        ["name"] = "Spring",
        ["from"] = new JsonObject { ["email"] = "news@acme.example", ["name"] = "Acme" },
        ["content"] = new JsonObject { ["subject"] = "New shoes for spring", ["preheader"] = "And free delivery", ["html"] = Good, ["text"] = "See https://shop.acme.example/spring" },
        ["delivery"] = "external",
    };

    private static string Words(JsonNode check, string about) =>
        string.Join('\n', check["findings"]!.AsArray().Where(finding => (string)finding!["check"]! == about).Select(finding => (string)finding!["text"]!));

    private async Task<JsonNode> CheckAsync(JsonObject mail) => await _app.GetAsync($"/api/v1/campaigns/{await _app.GivenDraftAsync(mail)}/check");

    private async Task<string> FindingAsync(JsonObject mail, string about, string verdict)
    {
        var check = await CheckAsync(mail);
        var found = check["findings"]!.AsArray().Where(finding => (string)finding!["check"]! == about).ToList();
        Assert.Contains(found, finding => (string)finding!["verdict"]! == verdict);
        return string.Join('\n', found.Select(finding => (string)finding!["text"]!));
    }
}
