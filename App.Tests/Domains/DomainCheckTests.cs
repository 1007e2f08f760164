using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ScoreTracking.Domains;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Domains;

public sealed class DomainCheckTests : IAsyncLifetime
{
    private readonly DnsServer _dns = new();
    private TestApp _app = null!;

    public ValueTask InitializeAsync()
    {
        _app = new TestApp(new()
        {
            ["Dns:Servers:0"] = _dns.Address, ["Dns:Timeout"] = "00:00:01.500", ["PublicUrl"] = "https://score.acme.example", ["TrackingUrl"] = "https://links.acme.example",
        });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task A_domain_with_everything_published_is_good_throughout_and_its_key_begins_to_sign()
    {
        var id = await GivenCompleteDomainAsync();
        var before = (await _app.DomainAsync(id)).GetProperty("keys")[0].Text("status");

        var checkedDomain = await CheckAsync(id);

        Assert.Equal("waiting", before);
        Assert.Equal("signing", checkedDomain.GetProperty("keys")[0].Text("status"));
        Assert.Equal(_app.Clock.GetUtcNow(), checkedDomain.GetProperty("checked_at").GetDateTimeOffset());
        Assert.Equal(
            ["dkim good", "spf good", "dmarc good", "mx good", "tracking good"],
            checkedDomain.GetProperty("findings").EnumerateArray().Select(found => $"{found.Text("check")} {found.Text("verdict")}"));
        Assert.Equal(["host.acme.example → 192.0.2.7"], Found(checkedDomain, "tracking").GetProperty("found").EnumerateArray().Select(value => value.GetString()));
    }

    [Fact]
    public async Task Where_nothing_is_published_every_finding_says_what_to_publish()
    {
        var made = await _app.GivenDomainAsync("bare.example", new { algorithm = "ed25519" });

        var looked = await CheckAsync(made.Text("id"));

        var dkim = Found(looked, "dkim");
        Assert.Equal(("warning", "st1._domainkey.bare.example"), (dkim.Text("verdict"), dkim.Text("name")));
        Assert.Equal(made.GetProperty("keys")[0].Text("dns_record"), dkim.Text("expected"));
        Assert.Equal("bad", Found(looked, "spf").Text("verdict"));
        Assert.Equal(("bad", "_dmarc.bare.example", "v=DMARC1; p=none"), (Found(looked, "dmarc").Text("verdict"), Found(looked, "dmarc").Text("name"), Found(looked, "dmarc").Text("expected")));
        Assert.Equal("bad", Found(looked, "mx").Text("verdict"));
        Assert.Equal("bad", Found(looked, "tracking").Text("verdict"));
        Assert.Equal("waiting", looked.GetProperty("keys")[0].Text("status"));
    }

    [Theory, InlineData(-1), InlineData(2), InlineData(5)]
    public async Task A_name_server_that_does_not_answer_makes_nothing_good_or_bad(int failure)
    {
        var id = await GivenCompleteDomainAsync();
        _dns.Failure = failure;

        var watch = Stopwatch.StartNew();
        var looked = await CheckAsync(id);

        Assert.All(looked.GetProperty("findings").EnumerateArray(), found =>
        {
            Assert.Equal("unknown", found.Text("verdict"));
            Assert.Contains("did not answer", found.Text("text"), StringComparison.Ordinal);
        });
        Assert.Equal("waiting", looked.GetProperty("keys")[0].Text("status"));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
    }

    [Theory]
    [InlineData("bad", "2 SPF records", "v=spf1 -all", "v=spf1 ~all")]
    [InlineData("bad", "+all", "v=spf1 +all")]
    [InlineData("bad", "+all", "v=spf1 a all")]
    [InlineData("warning", "?all", "v=spf1 ip4:192.0.2.0/24 ?all")]
    [InlineData("warning", "no end", "v=spf1 ip4:192.0.2.0/24")]
    [InlineData("good", "-all", "v=spf1 include:%{i}.x.example -all")]
    [InlineData("good", "hands on", "v=spf1 redirect=nine.example")]
    [InlineData("good", "~all", "V=SPF1 Include:nine.example ~ALL")]
    [InlineData("bad", "more than 10", "v=spf1 include:nine.example mx ~all")]
    [InlineData("bad", "includes none.example", "v=spf1 include:none.example ~all")]
    [InlineData("bad", "includes circle.example", "v=spf1 include:circle.example ~all")]
    [InlineData("bad", "includes <script>", "v=spf1 include:<script> ~all")]
    [InlineData("bad", "no SPF record", "v=spf10 -all", "hello")]
    public async Task An_SPF_record_is_read_with_all_it_includes(string verdict, string words, params string[] records)
    {
        _dns.Text("spf.example", records).Text("nine.example", "v=spf1 " + string.Concat(Enumerable.Repeat("a ", 9)) + "-all").Text("circle.example", "v=spf1 include:circle.example -all");
        var made = await _app.GivenDomainAsync("spf.example");

        var spf = Found(await CheckAsync(made.Text("id")), "spf");

        Assert.Equal(verdict, spf.Text("verdict"));
        Assert.Contains(words, spf.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_published_key_is_compared_with_ours_letter_by_letter_and_only_with_ours()
    {
        var made = await _app.GivenDomainAsync("keys.example", new { selector = "a", status = "signing" });
        var (id, record) = (made.Text("id"), made.GetProperty("keys")[0].Text("dns_record"));
        var p = record.Split("p=")[1];
        (string Verdict, string[] Records)[] cases =
        [
            ("good", [$"v=DKIM1;k=rsa; p={p[..100]} {p[100..]};"]),
            ("good", [$"p={p}"]),
            ("bad", []),
            ("bad", [$"v=DKIM1; k=rsa; p={p[..^8]}"]),
            ("bad", [$"v=DKIM1; k=ed25519; p={p}"]),
            ("bad", ["v=DKIM1; k=rsa; p="]),
            ("bad", ["what is this"]),
            ("bad", [record, "v=DKIM1; p=other"]),
            ("warning", [$"{record}; t=y:s"]),
        ];

        foreach (var (verdict, records) in cases)
        {
            _dns.Text("a._domainkey.keys.example", records);
            Assert.Equal((verdict, string.Join('|', records)), (Found(await CheckAsync(id), "dkim").Text("verdict"), string.Join('|', records)));
        }
    }

    [Theory]
    [InlineData("good", "do nothing", "v=DMARC1; p=none")]
    [InlineData("good", "spam folder", "v=DMARC1;p=quarantine;rua=mailto:x@acme.example")]
    [InlineData("good", "refuse", "v=DMARC1; p=reject")]
    [InlineData("bad", "cannot be read", "v=DMARC1; p=maybe")]
    [InlineData("bad", "cannot be read", "v=DMARC1; nonsense")]
    [InlineData("bad", "2 DMARC records", "v=DMARC1; p=none", "v=DMARC1; p=reject")]
    [InlineData("bad", "no DMARC record", "hello")]
    public async Task A_DMARC_record_is_told_in_words(string verdict, string words, params string[] records)
    {
        _dns.Text("_dmarc.dm.example", records);
        var made = await _app.GivenDomainAsync("dm.example", new { status = "signing" });

        var dmarc = Found(await CheckAsync(made.Text("id")), "dmarc");

        Assert.Equal(verdict, dmarc.Text("verdict"));
        Assert.Contains(words, dmarc.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subdomain_goes_by_the_DMARC_record_above_it_and_by_its_policy_for_subdomains()
    {
        _dns.Text("_dmarc.above.example", "v=DMARC1; p=none; sp=reject");
        var made = await _app.GivenDomainAsync("news.mail.above.example", new { status = "signing" });

        var dmarc = Found(await CheckAsync(made.Text("id")), "dmarc");

        Assert.Equal("_dmarc.above.example", dmarc.Text("name"));
        Assert.Contains("refuse", dmarc.Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_and_with_bounces_to_another_domain_mail_would_not_pass_DMARC()
    {
        await using var app = new TestApp(new() { ["Dns:Servers:0"] = _dns.Address, ["Dns:Timeout"] = "00:00:10", ["InboundDomain"] = "in.other.example" });
        _dns.Text("_dmarc.plain.example", "v=DMARC1; p=none").Mail("in.other.example", "mx.other.example");
        using var created = await app.Api.PostAsJsonAsync(DomainApi.Path, new { domain = "plain.example", keys = Array.Empty<object>() });
        var id = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").Text("id");

        using var answer = await app.Api.PostAsync($"{DomainApi.Path}/{id}/actions/check", null);
        var looked = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");

        Assert.Equal("bad", Found(looked, "dmarc").Text("verdict"));
        Assert.Contains("in.other.example", Found(looked, "dmarc").Text("text"), StringComparison.Ordinal);
        Assert.Equal("good", Found(looked, "bounces").Text("verdict"));
        Assert.Equal("warning", Found(looked, "dkim").Text("verdict"));
        Assert.Contains("localhost", Found(looked, "tracking").Text("text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_too_long_for_a_datagram_is_read_by_TCP()
    {
        _dns.Text("long.example", "v=spf1 " + string.Join(' ', Enumerable.Range(1, 60).Select(number => $"ip4:192.0.2.{number}")) + " ~all", new string('x', 900));
        var made = await _app.GivenDomainAsync("long.example");

        var spf = Found(await CheckAsync(made.Text("id")), "spf");

        Assert.Equal("good", spf.Text("verdict"));
        Assert.True(_dns.StreamsServed > 0);
    }

    [Fact]
    public async Task Domains_are_looked_over_once_a_day_and_those_with_a_waiting_key_every_quarter_of_an_hour()
    {
        var ready = await GivenCompleteDomainAsync();
        var waiting = (await _app.GivenDomainAsync("waits.example", new { })).Text("id");
        var watch = _app.Services.GetServices<IHostedService>().OfType<DomainWatch>().Single();
        var atFirst = await watch.DueAsync(TestContext.Current.CancellationToken);
        await CheckAsync(ready);
        await CheckAsync(waiting);

        var now = await watch.DueAsync(TestContext.Current.CancellationToken);
        _app.Clock.Advance(TimeSpan.FromMinutes(15));
        var soon = await watch.DueAsync(TestContext.Current.CancellationToken);
        _app.Clock.Advance(TimeSpan.FromDays(1));
        var nextDay = await watch.DueAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, atFirst.Count);
        Assert.Empty(now);
        Assert.Equal([waiting], soon.Select(id => $"dom_{id}"));
        Assert.Equal(2, nextDay.Count);
    }

    [Fact]
    public async Task A_check_of_what_is_not_there_is_refused()
    {
        using var missing = await _app.Api.PostAsync($"{DomainApi.Path}/dom_99999/actions/check", null);

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    private async Task<string> GivenCompleteDomainAsync()
    {
        var made = await _app.GivenDomainAsync("acme.example", new { selector = "s1" });
        var key = made.GetProperty("keys")[0];
        _dns.Text(key.Text("dns_name"), key.Text("dns_record"))
            .Text("acme.example", "some-verification=1", "v=spf1 include:_spf.host.example ~all").Text("_spf.host.example", "v=spf1 ip4:192.0.2.0/24 -all")
            .Text("_dmarc.acme.example", "v=DMARC1; p=quarantine").Mail("acme.example", "mx.acme.example")
            .Alias("links.acme.example", "host.acme.example").Host("host.acme.example", "192.0.2.7");
        return made.Text("id");
    }

    private async Task<JsonElement> CheckAsync(string id)
    {
        using var answer = await _app.Api.PostAsync($"{DomainApi.Path}/{id}/actions/check", null);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }

    private static JsonElement Found(JsonElement domain, string check) => Assert.Single(domain.GetProperty("findings").EnumerateArray(), found => found.Text("check") == check);
}
