using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

public sealed class ApiKeyTests : IAsyncDisposable
{
    private const string Keys = "/api/v1/api-keys";

    private readonly TestApp _app = new(new() { ["Auth:RevocationInterval"] = "00:00:00.1", ["Auth:LastUsedInterval"] = "00:00:00.1" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_new_key_works_at_once_and_is_never_shown_again()
    {
        var (id, key) = await GivenKeyAsync("CRM", Scopes.Admin);

        using var answer = await CallAsync(key, HttpMethod.Get, Keys);
        var list = await answer.Content.ReadAsStringAsync(Token);

        Assert.Matches("^st_live_[0-9A-Za-z]{36}$", key);
        Assert.True(ApiKeyText.IsWellFormed(key));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(id, list, StringComparison.Ordinal);
        Assert.Contains($"\"last_characters\":\"{key[^4..]}\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(key, list, StringComparison.Ordinal);
        Assert.DoesNotContain(key, await DatabaseTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_the_address_or_in_a_cookie_opens_nothing()
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.Add("Cookie", $"st={TestApp.ApiKey}; Authorization=Bearer {TestApp.ApiKey}");

        using var answer = await client.GetAsync($"{Keys}?access_token={TestApp.ApiKey}&api_key={TestApp.ApiKey}", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_without_the_scope_gets_403_and_learns_which_it_lacks()
    {
        var (_, key) = await GivenKeyAsync("Reports", Scopes.ReportsRead, Scopes.EventsWrite);

        using var answer = await CallAsync(key, HttpMethod.Get, Keys);

        await Problem.IsAsync(answer, HttpStatusCode.Forbidden, "Not allowed", "lacks the scope admin");
    }

    [Fact]
    public async Task A_session_cookie_never_authenticates_the_API()
    {
        using var visitor = await Visitor.SignedInAsync(_app);

        using var read = await visitor.Client.GetAsync(Keys, Token);
        using var written = await visitor.Client.PostAsJsonAsync(Keys, new { name = "x", scopes = new[] { "admin" } }, Token);
        using var nowhere = await visitor.Client.GetAsync("/api/v1/no-such-thing", Token);

        await Problem.IsAsync(read, HttpStatusCode.Unauthorized, "Not authenticated", "Send an API key");
        Assert.Equal(HttpStatusCode.Unauthorized, written.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_key_opens_no_page()
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestApp.ApiKey);

        using var answer = await client.GetAsync("/account/password", Token);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_holder_hears_of_unknown_addresses_and_wrong_verbs_what_they_are()
    {
        using var unknown = await _app.Api.GetAsync("/api/v1/no-such-thing", Token);
        using var verb = await _app.Api.PutAsync(Keys, null, Token);

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, verb.StatusCode);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_from_the_next_request_on()
    {
        var (id, key) = await GivenKeyAsync("Gone", Scopes.Admin);

        using var revoked = await _app.Api.DeleteAsync($"{Keys}/{id}", Token);
        using var answer = await CallAsync(key, HttpMethod.Get, Keys);
        using var again = await _app.Api.DeleteAsync($"{Keys}/{id}", Token);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await Problem.IsAsync(answer, HttpStatusCode.Unauthorized, "Not authenticated", "unknown or was revoked");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task A_key_revoked_by_another_process_is_refused_once_the_last_look_is_too_old()
    {
        var (id, key) = await GivenKeyAsync("Gone", Scopes.Admin);
        using var before = await CallAsync(key, HttpMethod.Get, Keys);

        await using (var connection = _app.Services.GetRequiredService<SqliteFile>().Open())
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE api_keys SET revoked_at = 1 WHERE id = $id";
            command.Parameters.AddWithValue("$id", long.Parse(id["key_".Length..], provider: null));
            await command.ExecuteNonQueryAsync(Token);
        }

        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await Eventually.TrueAsync(async () => await StatusAsync(key) == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_key_ends_at_its_expiry()
    {
        using var created = await _app.Api.PostAsJsonAsync(Keys, new { name = "Short", scopes = new[] { "admin" }, expires_at = _app.Clock.GetUtcNow().AddHours(1) }, Token);
        var key = (await DataAsync(created)).GetProperty("key").GetString()!;
        var before = await StatusAsync(key);

        _app.Clock.Advance(TimeSpan.FromHours(1));
        using var after = await CallAsync(key, HttpMethod.Get, Keys);

        Assert.Equal(HttpStatusCode.OK, before);
        await Problem.IsAsync(after, HttpStatusCode.Unauthorized, "Not authenticated", "expired");
    }

    [Fact]
    public async Task When_a_key_was_last_used_is_listed_soon_after()
    {
        var (id, key) = await GivenKeyAsync("Used", Scopes.Admin);

        await StatusAsync(key);

        await Eventually.TrueAsync(async () =>
        {
            var list = await _app.Api.GetFromJsonAsync<JsonElement>(Keys, Token);
            return list.GetProperty("data").EnumerateArray().Single(entry => entry.GetProperty("id").GetString() == id)
                .GetProperty("last_used_at").ToString() == "2026-09-01T10:00:00Z";
        }, seconds: 5);
    }

    [Fact]
    public async Task The_list_pages_by_cursor()
    {
        for (var i = 0; i < 4; i++)
        {
            await GivenKeyAsync($"Key {i}", Scopes.ReportsRead);
        }

        var names = new List<string>();
        var url = $"{Keys}?limit=2";
        while (true)
        {
            var page = await _app.Api.GetFromJsonAsync<JsonElement>(url, Token);
            names.AddRange(page.GetProperty("data").EnumerateArray().Select(key => key.GetProperty("name").GetString()!));
            if (page.GetProperty("next_cursor").GetString() is not { } cursor)
            {
                break;
            }

            url = $"{Keys}?limit=2&cursor={cursor}";
        }

        Assert.Equal(["Key 3", "Key 2", "Key 1", "Key 0", "First key"], names);
    }

    private async Task<(string Id, string Key)> GivenKeyAsync(string name, params string[] scopes)
    {
        using var created = await _app.Api.PostAsJsonAsync(Keys, new { name, scopes }, Token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var data = await DataAsync(created);
        return (data.GetProperty("id").GetString()!, data.GetProperty("key").GetString()!);
    }

    private async Task<HttpResponseMessage> CallAsync(string key, HttpMethod method, string path)
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await client.SendAsync(new HttpRequestMessage(method, path), Token);
    }

    private async Task<HttpStatusCode> StatusAsync(string key)
    {
        using var answer = await CallAsync(key, HttpMethod.Get, Keys);
        return answer.StatusCode;
    }

    private async Task<string> DatabaseTextAsync()
    {
        await using var connection = new SqliteConnection(_app.Services.GetRequiredService<SqliteFile>().ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat(name || hex(hash) || last_characters || scopes || CAST(hash AS TEXT)) FROM api_keys";
        return (string)(await command.ExecuteScalarAsync(Token))!;
    }

    private static async Task<JsonElement> DataAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data");
}
