using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class FirstRunTests
{
    private const string Email = "owner@example.com";
    private const string Password = "purple kettle on a roof";

    private static readonly Dictionary<string, string> NothingConfigured = new() { ["Setup:AdminEmail"] = "", ["Setup:AdminPassword"] = "", ["Setup:ApiKey"] = "" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_has_the_setup_code_becomes_the_administrator_and_nobody_after_them()
    {
        await using var app = new TestApp(NothingConfigured);
        using var visitor = new Visitor(app);
        using var start = await visitor.Client.GetAsync("/", Token);
        using var login = await visitor.Client.GetAsync("/login", Token);
        var file = Path.Combine(app.DataDirectory, "setup-code");
        var code = (await File.ReadAllTextAsync(file, Token)).Trim();

        using var wrong = await visitor.SubmitAsync("/setup", Form("0000000000000-0000000000000"));
        using var weak = await visitor.SubmitAsync("/setup", Form(code, password: "short"));
        using var nowhere = await visitor.SubmitAsync("/setup", Form(code, zone: "Atlantis/Center"));
        using var created = await visitor.SubmitAsync("/setup", Form(" " + code.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal) + " "));

        Assert.Equal("/setup", start.Headers.Location!.OriginalString);
        Assert.Equal("/setup", login.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, weak.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, nowhere.StatusCode);
        Assert.Equal("/", created.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/account/password"));
        Assert.Equal(HttpStatusCode.NotFound, await visitor.StatusAsync("/setup"));
        Assert.False(File.Exists(file));

        using var second = app.Anonymous();
        using var gone = await second.GetAsync("/setup", Token);
        using var tooLate = await second.PostAsync("/setup", new FormUrlEncodedContent(Form(code)), Token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, tooLate.StatusCode);
        using var scope = app.Services.CreateScope();
        var organization = scope.ServiceProvider.GetRequiredService<ScoreDb>().Organization.Single();
        Assert.Equal(("Acme", "Europe/Berlin"), (organization.Name, organization.TimeZone));
    }

    [Fact]
    public async Task Only_the_operator_can_read_the_setup_code_and_it_ends_after_a_day()
    {
        await using var app = new TestApp(NothingConfigured);
        using var visitor = new Visitor(app);
        var file = Path.Combine(app.DataDirectory, "setup-code");
        var code = (await File.ReadAllTextAsync(file, Token)).Trim();

        app.Clock.Advance(TimeSpan.FromHours(24));
        using var late = await visitor.SubmitAsync("/setup", Form(code));

        Assert.Equal(26, code.Count(char.IsAsciiLetterOrDigit));
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(app.DataDirectory, "keys")));
        }
    }

    [Fact]
    public async Task A_configured_administrator_needs_no_setup()
    {
        await using var app = new TestApp();
        using var visitor = await Visitor.SignedInAsync(app);

        Assert.Equal(HttpStatusCode.NotFound, await visitor.StatusAsync("/setup"));
        Assert.False(File.Exists(Path.Combine(app.DataDirectory, "setup-code")));
        Assert.Equal(HttpStatusCode.OK, (await app.Api.GetAsync("/api/v1/users", Token)).StatusCode);
    }

    [Fact]
    public async Task Secrets_may_be_files()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-secrets-");
        var password = Path.Combine(directory.FullName, "password");
        var key = Path.Combine(directory.FullName, "key");
        await File.WriteAllTextAsync(password, Password + "\n", Token);
        await File.WriteAllTextAsync(key, "a-key-the-operator-chose\r\n", Token);

        await using (var app = new TestApp(new(NothingConfigured) { ["Setup:AdminEmail"] = Email, ["Setup:AdminPasswordFile"] = password, ["Setup:ApiKeyFile"] = key }))
        {
            using var visitor = await Visitor.SignedInAsync(app, Email, Password);
            using var client = app.Anonymous();
            client.DefaultRequestHeaders.Add("Authorization", "Bearer a-key-the-operator-chose");
            using var answer = await client.GetAsync("/api/v1/api-keys", Token);

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("Setup:AdminPassword", "short", "12 characters")]
    [InlineData("Setup:AdminEmail", "nonsense", "not an email address")]
    [InlineData("Setup:AdminPassword", "", "Setup:AdminPasswordFile")]
    [InlineData("Setup:ApiKey", "too-short", "16 characters")]
    [InlineData("Setup:ApiKeyFile", "/no/such/file", "both set")]
    [InlineData("Auth:RevocationInterval", "01:00:00", "RevocationInterval")]
    public void A_start_that_cannot_do_what_it_was_told_stops_in_words(string key, string value, string words)
    {
        var refused = Assert.ThrowsAny<Exception>(() => new TestApp(new() { [key] = value }));

        Assert.Contains(words, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_survive_a_restart_and_the_configuration_creates_nothing_twice()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-test-").FullName;
        string cookie;
        var first = new TestApp(dataDirectory: directory);
        using (var visitor = new Visitor(first))
        {
            using var answer = await visitor.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);
            cookie = answer.Headers.GetValues("Set-Cookie").Single(set => set.StartsWith("st=", StringComparison.Ordinal)).Split(';')[0];
        }

        await first.StopKeepingDataAsync();
        await using var app = new TestApp(dataDirectory: directory);
        using var client = app.Anonymous();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        using var page = await client.GetAsync("/account/password", Token);
        var keys = await app.Api.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/v1/api-keys", Token);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal(1, keys.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Resetting_an_administrator_prints_a_password_for_one_sign_in_and_ends_the_sessions_before()
    {
        await using var app = new TestApp();
        using var before = await Visitor.SignedInAsync(app);
        var output = new StringWriter();
        var storage = new StorageOptions { DataDirectory = app.DataDirectory };

        var exit = await AdminReset.RunAsync(storage, TestApp.AdminEmail.ToUpperInvariant(), output, Token);
        var newcomer = await AdminReset.RunAsync(storage, "new@example.com", output, Token);
        var refused = await AdminReset.RunAsync(storage, "nonsense", TextWriter.Null, Token);

        var passwords = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ")[1].Trim()).ToList();
        Assert.Equal((0, 0, 1), (exit, newcomer, refused));
        await Eventually.TrueAsync(async () => await before.StatusAsync("/account/password") == HttpStatusCode.Redirect);
        using var old = await before.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);
        using var fresh = await before.SignInAsync(TestApp.AdminEmail, passwords[0]);
        using var newVisitor = new Visitor(app);
        using var other = await newVisitor.SignInAsync("new@example.com", passwords[1]);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        Assert.Equal("/account/password", fresh.Headers.Location!.OriginalString);
        Assert.Equal("/account/password", other.Headers.Location!.OriginalString);
    }

    [Theory]
    [InlineData(true, null, null, HttpStatusCode.OK)]
    [InlineData(false, null, null, HttpStatusCode.Redirect)]
    [InlineData(true, "X-Forwarded-For", "127.0.0.1", HttpStatusCode.Redirect)]
    [InlineData(true, "Forwarded", "for=127.0.0.1", HttpStatusCode.Redirect)]
    [InlineData(true, "Host", "evil.example", HttpStatusCode.Redirect)]
    [InlineData(true, "Host", "localhost.evil.example", HttpStatusCode.Redirect)]
    public async Task Only_the_demo_signs_in_by_itself_and_only_from_this_machine(bool demo, string? header, string? value, HttpStatusCode expected)
    {
        // Configuration alone must not switch it on.
        await using var app = new TestApp(new() { ["Auth:AutoSignInOnLoopback"] = "true" });
        var options = app.Services.GetRequiredService<IOptions<AuthOptions>>().Value;
        Assert.False(options.AutoSignInOnLoopback);
        options.AutoSignInOnLoopback = demo;

        using var client = app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/account/password");
        if (header is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var answer = await client.SendAsync(request, Token);
        using var api = await client.GetAsync("/api/v1/users", Token);

        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Fact]
    public async Task The_demo_opens_in_many_tabs_at_once()
    {
        await using var app = new TestApp();
        app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.AutoSignInOnLoopback = true;
        using var client = app.Anonymous();

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var answer = await client.GetAsync("/account/password", Token);
            return answer.StatusCode;
        }));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
    }

    private static Dictionary<string, string> Form(string code, string password = Password, string zone = "Europe/Berlin") => new()
    {
        ["code"] = code, ["email"] = Email, ["password"] = password, ["organization"] = "Acme", ["timezone"] = zone,
    };
}
