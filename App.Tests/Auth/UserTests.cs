using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Auth;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class UserTests : IAsyncDisposable
{
    private const string Users = "/api/v1/users";
    private const string Password = "purple kettle on a roof";

    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_new_user_signs_in_and_is_listed()
    {
        await GivenUserAsync("ana@example.com", Roles.Viewer, Password);

        using var ana = await Visitor.SignedInAsync(_app, "ANA@example.com", Password);
        var list = await _app.Api.GetFromJsonAsync<JsonElement>(Users, Token);

        Assert.Equal(HttpStatusCode.OK, await ana.StatusAsync("/account/password"));
        Assert.Equal([TestApp.AdminEmail, "ana@example.com"], list.GetProperty("data").EnumerateArray().Select(user => user.GetProperty("email").GetString()!));
        Assert.DoesNotContain("password", list.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_chosen_by_the_server_opens_only_the_page_that_changes_it()
    {
        using var created = await _app.Api.PostAsJsonAsync(Users, new { email = "bo@example.com", role = "marketer" }, Token);
        var temporary = (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetProperty("password").GetString()!;
        using var bo = new Visitor(_app);

        using var signedIn = await bo.SignInAsync("bo@example.com", temporary, "/campaigns");
        using var page = await bo.Client.GetAsync("/", Token);
        using var connection = await bo.Client.PostAsync("/_blazor/negotiate", null, Token);
        using var changed = await bo.SubmitAsync("/account/password", new() { ["current"] = temporary, ["password"] = Password });
        using var pageAfter = await bo.Client.GetAsync("/", Token);

        Assert.Equal("/account/password", signedIn.Headers.Location!.OriginalString);
        Assert.Equal("/account/password", page.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Forbidden, connection.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual("/account/password", pageAfter.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_change_of_role_and_a_removal_end_sessions_at_once()
    {
        var id = await GivenUserAsync("ana@example.com", Roles.Viewer, Password);
        using var before = await Visitor.SignedInAsync(_app, "ana@example.com", Password);

        using var promoted = await _app.Api.PatchAsJsonAsync($"{Users}/{id}", new { role = "marketer" }, Token);
        var afterPromotion = await before.StatusAsync("/account/password");
        using var again = await Visitor.SignedInAsync(_app, "ana@example.com", Password);
        using var removed = await _app.Api.DeleteAsync($"{Users}/{id}", Token);

        Assert.Equal(HttpStatusCode.OK, promoted.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, afterPromotion);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, await again.StatusAsync("/account/password"));
        using var gone = await again.SignInAsync("ana@example.com", Password);
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    [Fact]
    public async Task A_reset_password_replaces_the_old_one()
    {
        var id = await GivenUserAsync("ana@example.com", Roles.Viewer, Password);
        using var before = await Visitor.SignedInAsync(_app, "ana@example.com", Password);

        using var reset = await _app.Api.PostAsync($"{Users}/{id}/actions/reset_password", null, Token);
        var temporary = (await reset.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetProperty("password").GetString()!;

        Assert.Equal(HttpStatusCode.Redirect, await before.StatusAsync("/account/password"));
        using var old = await before.SignInAsync("ana@example.com", Password);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
        using var fresh = await Visitor.SignedInAsync(_app, "ana@example.com", temporary);
    }

    [Fact]
    public async Task The_last_administrator_stays()
    {
        var list = await _app.Api.GetFromJsonAsync<JsonElement>(Users, Token);
        var admin = list.GetProperty("data")[0].GetProperty("id").GetString()!;

        using var demoted = await _app.Api.PatchAsJsonAsync($"{Users}/{admin}", new { role = "viewer" }, Token);
        using var removed = await _app.Api.DeleteAsync($"{Users}/{admin}", Token);
        var second = await GivenUserAsync("second@example.com", Roles.Admin, Password);
        using var demotedThen = await _app.Api.PatchAsJsonAsync($"{Users}/{admin}", new { role = "viewer" }, Token);
        using var removedThen = await _app.Api.DeleteAsync($"{Users}/{second}", Token);

        Assert.Equal(HttpStatusCode.Conflict, demoted.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, removed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, demotedThen.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, removedThen.StatusCode);
    }

    private async Task<string> GivenUserAsync(string email, string role, string password)
    {
        using var created = await _app.Api.PostAsJsonAsync(Users, new { email, role, password }, Token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        return (await created.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data").GetProperty("id").GetString()!;
    }
}
