using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>A mail server as a connection: how it is made, changed and tried.</summary>
public sealed class SmtpConnectionTests(AppFixture fixture) : IClassFixture<AppFixture>, IAsyncLifetime
{
    private readonly TestApp _app = fixture.App;
    private readonly ScriptedSmtpServer _server = new() { Certificate = SelfMadeCertificates.Local };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_mail_server_has_no_webhook_and_numbers_are_numbers()
    {
        var (status, said) = await _app.PostConnectionAsync("""
            {"name":"Relay","provider":"smtp","secrets":{"password":"geheim-123"},
             "settings":{"host":"smtp.acme.example","port":587,"security":"starttls","user":"news","from":"news@acme.example","per_second":12.5,"connections":3}}
            """);

        var data = said["data"]!;
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Null(data["webhook_url"]);
        Assert.True((bool)data["can_send"]!);
        Assert.Equal((587, 12.5m, 3), ((int)data["settings"]!["port"]!, (decimal)data["settings"]!["per_second"]!, (int)data["settings"]!["connections"]!));
        Assert.Equal(["password"], data["secrets"]!.AsArray().Select(secret => (string?)secret));
        Assert.DoesNotContain("geheim", said.ToJsonString(), StringComparison.Ordinal);
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContextAsync(Token);
        Assert.DoesNotContain(await db.Connections.ToListAsync(Token), stored => (stored.Secrets + stored.Settings).Contains("geheim", StringComparison.Ordinal));
        var sender = await _app.SenderAsync((string)data["id"]!);
        Assert.Equal(("news@acme.example", 12.5, 3), (sender.From, sender.PerSecond, sender.Connections));
    }

    [Theory]
    [InlineData("""{"settings":{}}""", "settings.host")]
    [InlineData("""{"settings":{"host":"not a host"}}""", "settings.host")]
    [InlineData("""{"settings":{"host":"a.example","port":0}}""", "settings.port")]
    [InlineData("""{"settings":{"host":"a.example","port":"65536"}}""", "settings.port")]
    [InlineData("""{"settings":{"host":"a.example","security":"ssl"}}""", "settings.security")]
    [InlineData("""{"settings":{"host":"a.example","from":"nobody"}}""", "settings.from")]
    [InlineData("""{"settings":{"host":"a.example","per_second":0}}""", "settings.per_second")]
    [InlineData("""{"settings":{"host":"a.example","per_second":-1}}""", "settings.per_second")]
    [InlineData("""{"settings":{"host":"a.example","per_second":1e3}}""", "settings.per_second")]
    [InlineData("""{"settings":{"host":"a.example","connections":51}}""", "settings.connections")]
    [InlineData("""{"settings":{"host":"a.example","connections":2.5}}""", "settings.connections")]
    [InlineData("""{"settings":{"host":"a.example","user":"ann"}}""", "secrets.password")]
    [InlineData("""{"settings":{"host":"a.example"},"secrets":{"password":"x"}}""", "settings.user")]
    [InlineData("""{"settings":{"host":"a.example","user":"ann","security":"none"},"secrets":{"password":"x"}}""", "settings.security")]
    [InlineData("""{"settings":{"host":"a.example","user":"ann","token_url":"http://a.example/token","client_id":"c"},"secrets":{"client_secret":"x"}}""", "settings.token_url")]
    [InlineData("""{"settings":{"host":"a.example","user":"ann","token_url":"https://a.example/token"},"secrets":{"client_secret":"x"}}""", "settings.client_id")]
    [InlineData("""{"settings":{"host":"a.example","authority_pem":"nonsense"}}""", "settings.authority_pem")]
    [InlineData("""{"settings":{"host":"a.example","colour":"red"}}""", "settings.colour")]
    [InlineData("""{"settings":{"host":"a.example"},"basic_auth":{"user":"a","password":"long enough"}}""", "basic_auth")]
    public async Task What_makes_no_sense_is_refused_by_field(string more, string field)
    {
        var body = JsonNode.Parse(more)!.AsObject();
        body["name"] = "Relay";
        body["provider"] = "smtp";

        var (status, said) = await _app.PostConnectionAsync(body.ToJsonString());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal([field], said["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("""{"name":"R","provider":"smtp","settings":{"host":["a"]}}""")]
    [InlineData("""{"name":"R","provider":"smtp","settings":{"host":null}}""")]
    [InlineData("""{"name":"R","provider":"smtp","settings":"a"}""")]
    public async Task What_cannot_be_read_is_a_400(string body) => Assert.Equal(HttpStatusCode.BadRequest, (await _app.PostConnectionAsync(body)).Status);

    [Fact]
    public async Task A_password_is_replaced_without_naming_the_rest_and_nothing_of_the_old_one_stays()
    {
        var id = await ConnectAsync(settings: new() { ["user"] = "ann", ["allow_sign_in_without_tls"] = true }, password: "old-old-old");
        var before = await _app.SenderAsync(id);

        var answer = await _app.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets = new { password = "new-new-new" } }, Token);

        var data = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!["data"]!;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(data["secrets_previous"]!.AsArray());
        var after = await _app.SenderAsync(id);
        Assert.Equal("new-new-new", after.Secret("password"));
        Assert.NotEqual(before.Revision, after.Revision);
    }

    [Fact]
    public async Task A_key_for_sending_changes_without_touching_what_requests_are_checked_by()
    {
        var (_, made) = await _app.PostConnectionAsync("""{"name":"M","provider":"mailgun","secrets":{"signing_key":"signing-key","api_key":"key-1"},"settings":{"domain":"mg.acme.example"}}""");
        var id = (string)made["data"]!["id"]!;

        await _app.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets = new { api_key = "key-2" } }, Token);
        Assert.Equal("key-2", (await _app.SenderAsync(id)).Secret("api_key"));
        var removed = await _app.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets = new { api_key = "" } }, Token);

        var data = JsonNode.Parse(await removed.Content.ReadAsStringAsync(Token))!["data"]!;
        Assert.Equal(["signing_key"], data["secrets"]!.AsArray().Select(secret => (string?)secret));
        Assert.Empty(data["secrets_previous"]!.AsArray());
        Assert.False((bool)data["can_send"]!);
    }

    [Fact]
    public async Task A_test_mail_arrives_and_every_step_is_told()
    {
        _server.Extensions.Add("AUTH PLAIN LOGIN");
        _server.Answer = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 welcome" : null;
        var id = await ConnectAsync("starttls", new() { ["user"] = "ann", ["from"] = "news@acme.example" }, "geheim-123");

        var (status, said) = await _app.TestConnectionAsync(id, "bob@example.net");

        Assert.Equal(HttpStatusCode.OK, status);
        var data = said["data"]!;
        Assert.True((bool)data["sent"]!, said.ToJsonString());
        Assert.Equal(["connect", "greeting", "hello", "tls", "sign_in", "sender", "recipient", "data", "content", "accept"], data["steps"]!.AsArray().Select(step => (string?)step!["step"]));
        Assert.All(data["steps"]!.AsArray(), step => Assert.True((bool)step!["ok"]!));
        Assert.True(_server.Mails.TryDequeue(out var mail));
        Assert.Equal(("news@acme.example", "bob@example.net"), (mail.Sender, Assert.Single(mail.Recipients)));
        Assert.Contains("Subject: Test mail of", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-ST-Message-ID", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", said.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONNECT", "gibberish", "greeting", "unreachable")]
    [InlineData("EHLO", "<drop>", "hello", "unreachable")]
    [InlineData("MAIL", "550 5.7.1 not you", "sender", "refused")]
    [InlineData("RCPT", "550 5.1.1 no such user", "recipient", "refused")]
    [InlineData("RCPT", "451 4.7.1 greylisted", "recipient", "deferred")]
    [InlineData("CONTENT", "554 5.7.1 spam", "accept", "refused")]
    [InlineData("CONTENT", "<drop>", "accept", "uncertain")]
    public async Task A_test_that_fails_says_where_and_why(string at, string answer, string step, string verdict)
    {
        var id = await ConnectAsync();
        _server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? answer : null;

        var (status, said) = await _app.TestConnectionAsync(id, "bob@example.net");

        var last = said["data"]!["steps"]!.AsArray()[^1]!;
        Assert.Equal((HttpStatusCode.OK, false, verdict), (status, (bool)said["data"]!["sent"]!, (string?)said["data"]!["verdict"]));
        Assert.Equal((step, false), ((string?)last["step"], (bool)last["ok"]!));
        Assert.NotEmpty((string)last["text"]!);
    }

    [Fact]
    public async Task A_certificate_nobody_trusts_fails_the_test_until_its_authority_is_entered()
    {
        var id = await ConnectAsync("starttls");

        var (_, untrusted) = await _app.TestConnectionAsync(id, "bob@example.net");
        var pem = SelfMadeCertificates.Roots[0].ExportCertificatePem();
        await _app.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { settings = new { host = "localhost", port = _server.Port, security = "starttls", authority_pem = pem } }, Token);
        var (_, trusted) = await _app.TestConnectionAsync(id, "bob@example.net");

        Assert.Equal("The server's certificate was issued by nobody we trust.", (string?)untrusted["data"]!["steps"]!.AsArray()[^1]!["text"]);
        Assert.True((bool)trusted["data"]!["sent"]!, trusted.ToJsonString());
    }

    [Fact]
    public async Task A_server_that_signs_in_by_token_is_given_one_from_the_token_URL()
    {
        await using var tokens = await ScriptedHttpServer.OpenAsync();
        tokens.Answer = ScriptedHttpServer.With(200, """{"access_token":"ya29.token","expires_in":3600,"token_type":"Bearer"}""");
        _server.Extensions.Add("AUTH PLAIN XOAUTH2");
        _server.Answer = line => line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 welcome" : null;
        var (_, made) = await _app.PostConnectionAsync(JsonSerializer.Serialize(new
        {
            name = "Relay",
            provider = "smtp",
            secrets = new { client_secret = "cs", refresh_token = "rt" },
            settings = new { host = "localhost", port = _server.Port, security = "none", allow_sign_in_without_tls = true, user = "ann@acme.example", token_url = $"{tokens.Url}/token", client_id = "ci" },
        }));
        var id = (string)made["data"]!["id"]!;

        var (_, first) = await _app.TestConnectionAsync(id, "bob@example.net");
        var (_, second) = await _app.TestConnectionAsync(id, "bob@example.net");

        Assert.True((bool)first["data"]!["sent"]! && (bool)second["data"]!["sent"]!, first.ToJsonString());
        Assert.Equal("grant_type=refresh_token&client_id=ci&client_secret=cs&refresh_token=rt", Assert.Single(tokens.Received).Text);
        var expected = Convert.ToBase64String(Encoding.UTF8.GetBytes("user=ann@acme.example\u0001auth=Bearer ya29.token\u0001\u0001"));
        Assert.Contains($"AUTH XOAUTH2 {expected}", _server.Lines);

        _app.Clock.Advance(TimeSpan.FromMinutes(5));
        _server.Answer = line => line == $"AUTH XOAUTH2 {expected}" ? "535 5.7.8 revoked" : line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 welcome" : null;
        tokens.Answer = ScriptedHttpServer.With(200, """{"access_token":"ya29.second","expires_in":"3600"}""");
        var (_, renewed) = await _app.TestConnectionAsync(id, "bob@example.net");
        Assert.True((bool)renewed["data"]!["sent"]!, renewed.ToJsonString());
        Assert.Equal(2, tokens.Received.Count);

        _app.Clock.Advance(TimeSpan.FromHours(1));
        tokens.Answer = ScriptedHttpServer.With(400, """{"error":"invalid_grant"}""");
        var (_, third) = await _app.TestConnectionAsync(id, "bob@example.net");
        Assert.Equal(("sign_in", "The token URL answered 400, and no token: invalid_grant."), ((string?)third["data"]!["steps"]!.AsArray()[^1]!["step"], (string?)third["data"]!["steps"]!.AsArray()[^1]!["text"]));
    }

    [Fact]
    public async Task This_server_is_no_mail_server()
    {
        var id = await ConnectAsync(port: _app.Api.BaseAddress!.Port);

        var (_, said) = await _app.TestConnectionAsync(id, "bob@example.net");

        Assert.Equal("localhost stands for an address that mail may not be sent to from here.", (string?)said["data"]!["steps"]!.AsArray()[^1]!["text"]);
    }

    [Fact]
    public async Task What_cannot_be_tested_says_so()
    {
        var id = await ConnectAsync();
        var (_, inbound) = await _app.PostConnectionAsync("""{"name":"In","provider":"inbound","basic_auth":{"user":"in","password":"long enough"}}""");
        var (_, sendGrid) = await _app.PostConnectionAsync("""{"name":"S","provider":"sendgrid"}""");

        Assert.Equal(HttpStatusCode.NotFound, (await _app.TestConnectionAsync("con_999999", "bob@example.net")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _app.TestConnectionAsync("cmp_1", "bob@example.net")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _app.TestConnectionAsync(id, "nobody")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _app.TestConnectionAsync((string)inbound["data"]!["id"]!, "bob@example.net")).Status);
        var (status, said) = await _app.TestConnectionAsync((string)sendGrid["data"]!["id"]!, "bob@example.net");
        Assert.Equal((HttpStatusCode.Conflict, "Enter api_key first: without it no mail can be handed over."), (status, (string?)said["detail"]));
        Assert.Equal(HttpStatusCode.BadRequest, (await _app.Api.PostAsJsonAsync($"/api/v1/connections/{id}/actions/test", new { to = "bob@example.net", cc = "x" }, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _app.Api.PostAsJsonAsync($"/api/v1/connections/{id}/actions/test", new { }, Token)).StatusCode);
    }

    [Fact]
    public async Task A_mail_can_be_handed_over_at_once()
    {
        PublicId.TryConnection(await ConnectAsync(), out var id);
        var transports = _app.Services.GetRequiredService<Transports>();
        var letter = SomeLetter.To("ann@example.net");

        var handOff = await transports.SendNowAsync(id, letter.Mail, letter.EnvelopeFrom, letter.Recipient, Token);

        Assert.Equal(SmtpVerdict.Accepted, handOff?.Verdict);
        Assert.Single(_server.Mails);
        Assert.Null(await transports.SendNowAsync(999_999, letter.Mail, letter.EnvelopeFrom, letter.Recipient, Token));
    }

    [Fact]
    public async Task A_mail_server_takes_no_webhooks()
    {
        var id = await ConnectAsync();
        PublicId.TryConnection(id, out var number);
        await using var db = await _app.Services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContextAsync(Token);
        var slug = (await db.Connections.FirstAsync(stored => stored.Id == number, Token)).Slug;

        Assert.Equal(HttpStatusCode.NotFound, (await _app.Anonymous().PostAsync($"/webhooks/smtp/{slug}", new StringContent("{}"), Token)).StatusCode);
    }

    private Task<string> ConnectAsync(string security = "none", JsonObject? settings = null, string? password = null, int? port = null) =>
        _app.GivenRelayAsync(port ?? _server.Port, security, settings, password);
}
