using System.Net;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class SignInTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_stranger_is_sent_to_the_sign_in_page_and_back_to_the_page_wanted()
    {
        using var visitor = new Visitor(_app);

        using var sent = await visitor.Client.GetAsync("/account/password?x=1", Token);
        using var back = await visitor.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword, "/account/password?x=1");

        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
        Assert.Equal("/login?returnUrl=%2Faccount%2Fpassword%3Fx%3D1", sent.Headers.Location!.OriginalString);
        Assert.Equal("/account/password?x=1", back.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.OK, await visitor.StatusAsync("/account/password"));
    }

    [Fact]
    public async Task The_session_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        using var visitor = new Visitor(_app);
        using var answer = await visitor.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("st=", StringComparison.Ordinal));

        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/;", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("; secure", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Behind_https_the_cookie_is_bound_to_the_host_and_secure()
    {
        await using var app = new TestApp(new() { ["PublicUrl"] = "https://127.0.0.1" });
        using var visitor = new Visitor(app);
        visitor.Client.BaseAddress = new Uri($"http://127.0.0.1:{visitor.Client.BaseAddress!.Port}");

        using var answer = await visitor.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("__Host-st=", StringComparison.Ordinal));
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/;", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(TestApp.AdminEmail, "wrong horse battery staple")]
    [InlineData("nobody@example.com", TestApp.AdminPassword)]
    [InlineData("", "")]
    public async Task A_wrong_address_and_a_wrong_password_get_the_same_answer(string email, string password)
    {
        using var visitor = new Visitor(_app);

        using var answer = await visitor.SignInAsync(email, password);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("do not belong together", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, await visitor.StatusAsync("/account/password"));
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_is_refused()
    {
        using var visitor = new Visitor(_app);

        using var signIn = await visitor.Client.PostAsync("/login", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["_handler"] = "sign-in", ["email"] = TestApp.AdminEmail, ["password"] = TestApp.AdminPassword,
        }), Token);
        using var signedIn = await Visitor.SignedInAsync(_app);
        using var signOut = await signedIn.Client.PostAsync("/account/logout", new FormUrlEncodedContent([]), Token);

        Assert.Equal(HttpStatusCode.BadRequest, signIn.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await signedIn.StatusAsync("/account/password"));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_for_copies_of_its_cookie_too()
    {
        using var visitor = new Visitor(_app);
        using var answer = await visitor.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);
        var stolen = answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("st=", StringComparison.Ordinal)).Split(';')[0];
        using var thief = _app.Anonymous();
        thief.DefaultRequestHeaders.Add("Cookie", stolen);
        using var before = await thief.GetAsync("/account/password", Token);

        // Any page's token does: the form on this page and the sign-out button share it.
        using var signedOut = await SignOutAsync(visitor);

        using var after = await thief.GetAsync("/account/password", Token);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Equal("/login", signedOut.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Redirect, await visitor.StatusAsync("/account/password"));
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    [Fact]
    public async Task After_ten_attempts_in_a_minute_an_address_waits_and_its_owner_still_gets_in_from_a_known_browser()
    {
        using var known = await Visitor.SignedInAsync(_app);
        using var guesser = new Visitor(_app);

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++)
        {
            using var guess = await guesser.SignInAsync(TestApp.AdminEmail, $"guess number {i} of many");
            answers.Add(guess.StatusCode);
        }

        using var refused = await guesser.SignInAsync(TestApp.AdminEmail, TestApp.AdminPassword);
        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Unauthorized, 9), HttpStatusCode.TooManyRequests], answers);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(HttpStatusCode.OK, await known.StatusAsync("/account/password"));
    }

    [Fact]
    public async Task Changing_a_password_signs_out_every_other_browser()
    {
        using var here = await Visitor.SignedInAsync(_app);
        using var elsewhere = await Visitor.SignedInAsync(_app);

        using var wrong = await here.SubmitAsync("/account/password", new() { ["current"] = "not the password", ["password"] = "entirely new horses" });
        using var weak = await here.SubmitAsync("/account/password", new() { ["current"] = TestApp.AdminPassword, ["password"] = "Password1234" });
        using var changed = await here.SubmitAsync("/account/password", new() { ["current"] = TestApp.AdminPassword, ["password"] = "entirely new horses" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, weak.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await here.StatusAsync("/account/password"));
        Assert.Equal(HttpStatusCode.Redirect, await elsewhere.StatusAsync("/account/password"));
        using var again = await Visitor.SignedInAsync(_app, password: "entirely new horses");
    }

    [Fact]
    public async Task A_session_ends_after_twelve_idle_hours_and_after_a_week_however_busy()
    {
        using var idle = await Visitor.SignedInAsync(_app);
        using var busy = await Visitor.SignedInAsync(_app);

        for (var hours = 0; hours < 7 * 24; hours += 8)
        {
            Assert.Equal(HttpStatusCode.OK, await busy.StatusAsync("/account/password"));
            _app.Clock.Advance(TimeSpan.FromHours(8));
        }

        Assert.Equal(HttpStatusCode.Redirect, await busy.StatusAsync("/account/password"));
        Assert.Equal(HttpStatusCode.Redirect, await idle.StatusAsync("/account/password"));
    }

    [Fact]
    public async Task Pages_say_what_browsers_must_not_do()
    {
        using var anonymous = _app.Anonymous();

        using var answer = await anonymous.GetAsync("/login", Token);

        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("https://evil.example", HttpStatusCode.Forbidden)]
    public async Task Live_connections_are_closed_to_strangers_and_to_other_sites(string? origin, HttpStatusCode expected)
    {
        using var anonymous = _app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await anonymous.SendAsync(request, Token);

        Assert.Equal(expected, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> SignOutAsync(Visitor visitor)
    {
        var html = await visitor.Client.GetStringAsync("/account/password", Token);
        var token = System.Text.RegularExpressions.Regex.Match(html, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        return await visitor.Client.PostAsync("/account/logout", new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token }), Token);
    }
}
