using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Auth;

/// <summary>What the API of keys and users refuses, and in which words.</summary>
public sealed class RefusalTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "Send an API key")]
    [InlineData("", "Send an API key")]
    [InlineData("Bearer", "must read")]
    [InlineData("Bearer ", "must read")]
    [InlineData("Basic YWRtaW46YWRtaW4=", "must read")]
    [InlineData("Bearer st_live_testtesttesttesttesttesttest123457", "mistyped")]
    [InlineData("Bearer some-other-token-of-sixteen", "unknown or was revoked")]
    [InlineData("Bearer ' OR 1=1 --", "unknown or was revoked")]
    [InlineData("st_live_testtesttesttesttesttesttest123456", "must read")]
    public async Task Without_a_valid_key_the_answer_is_401_and_says_why(string? authorization, string detail)
    {
        using var client = fixture.App.Anonymous();
        if (authorization is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        using var answer = await client.GetAsync("/api/v1/api-keys", Token);

        await Problem.IsAsync(answer, HttpStatusCode.Unauthorized, "Not authenticated", detail);
        Assert.Equal("Bearer", Assert.Single(answer.Headers.WwwAuthenticate).Scheme);
    }

    [Theory]
    [InlineData("""{"name":"","scopes":["admin"]}""", HttpStatusCode.UnprocessableEntity, "name")]
    [InlineData("""{"name":"x","scopes":[]}""", HttpStatusCode.UnprocessableEntity, "scopes")]
    [InlineData("""{"name":"x","scopes":["everything"]}""", HttpStatusCode.UnprocessableEntity, "scopes")]
    [InlineData("""{"name":"x","scopes":["admin"],"expires_at":"2020-01-01T00:00:00Z"}""", HttpStatusCode.UnprocessableEntity, "expires_at")]
    [InlineData("""{"name":"x","scopes":["admin"],"color":"red"}""", HttpStatusCode.BadRequest, "color")]
    [InlineData("""{"name":"x"}""", HttpStatusCode.BadRequest, "$")]
    [InlineData("""{"name":1,"scopes":["admin"]}""", HttpStatusCode.BadRequest, "name")]
    public async Task A_key_that_makes_no_sense_is_refused_by_field(string body, HttpStatusCode expected, string field)
    {
        using var answer = await fixture.App.Api.PostAsync("/api/v1/api-keys", new StringContent(body, new MediaTypeHeaderValue("application/json")), Token);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("""{"email":"ana@example.com","role":"boss"}""", "role")]
    [InlineData("""{"email":"ana","role":"viewer"}""", "email")]
    [InlineData("""{"email":"Ana <ana@example.com>","role":"viewer"}""", "email")]
    [InlineData("""{"email":"ADMIN@example.com","role":"viewer"}""", "email")]
    [InlineData("""{"email":"ana@example.com","role":"viewer","password":"short"}""", "password")]
    [InlineData("""{"email":"anastasia@example.com","role":"viewer","password":"Anastasia@example.com"}""", "password")]
    [InlineData("""{"email":"ana@example.com","role":"viewer","password":"P@ssw0rd1234"}""", "password")]
    public async Task A_user_that_makes_no_sense_is_refused_by_field(string body, string field)
    {
        using var answer = await fixture.App.Api.PostAsync("/api/v1/users", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Token);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), problem.ToString());
    }

    [Theory]
    [InlineData("usr_999")]
    [InlineData("usr_01")]
    [InlineData("999")]
    [InlineData("usr_99999999999999999999")]
    public async Task An_unknown_user_is_404(string id)
    {
        using var changed = await fixture.App.Api.PatchAsJsonAsync($"/api/v1/users/{id}", new { role = "viewer" }, Token);
        using var removed = await fixture.App.Api.DeleteAsync($"/api/v1/users/{id}", Token);

        Assert.Equal(HttpStatusCode.NotFound, changed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, removed.StatusCode);
    }
}
