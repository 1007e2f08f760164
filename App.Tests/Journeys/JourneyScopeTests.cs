using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Auth;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Who may do what with journeys.</summary>
public sealed class JourneyScopeTests : IAsyncDisposable
{
    private const string Steps = """{"name":"Hello","steps":[{"id":"n1","type":"delay","for":"P1D","next":null}]}""";

    private readonly TestApp _app = new(JourneyApi.AtOnce);
    private string _journey = "";
    private string _enrollment = "";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // In an order in which each can be done: the last ones end it.
    private (string Method, string Path, string? Body, string Scope)[] All =>
    [
        ("GET", "", null, Scopes.CampaignsRead),
        ("POST", "", Steps, Scopes.CampaignsWrite),
        ("GET", $"/{_journey}", null, Scopes.CampaignsRead),
        ("GET", $"/{_journey}/numbers", null, Scopes.CampaignsRead),
        ("PATCH", $"/{_journey}", """{"name":"Welcome"}""", Scopes.CampaignsWrite),
        ("POST", $"/{_journey}/actions/rotate_secret", null, Scopes.CampaignsWrite),
        ("POST", $"/{_journey}/actions/publish", null, Scopes.CampaignsSend),
        ("GET", $"/{_journey}/enrollments", null, Scopes.CampaignsRead),
        ("GET", $"/{_journey}/enrollments/{_enrollment}", null, Scopes.CampaignsRead),
        ("POST", $"/{_journey}/enrollments", """{"customer_id":"ben"}""", Scopes.CampaignsSend),
        ("POST", $"/{_journey}/enrollments/{_enrollment}/actions/retry", null, Scopes.CampaignsSend),
        ("POST", $"/{_journey}/enrollments/{_enrollment}/actions/exit", null, Scopes.CampaignsSend),
        ("POST", $"/{_journey}/actions/pause", null, Scopes.CampaignsSend),
        ("POST", $"/{_journey}/actions/resume", null, Scopes.CampaignsSend),
        ("POST", $"/{_journey}/actions/archive", null, Scopes.CampaignsSend),
        ("DELETE", $"/{_journey}", null, Scopes.CampaignsWrite),
    ];

    [Fact]
    public async Task Each_request_takes_its_scope_and_no_other_is_enough()
    {
        _journey = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P1D","next":null}""");
        _enrollment = (await _app.EnrollAsync(_journey, await _app.GivenPersonAsync("ana"))).Split('/')[^1];
        await _app.GivenPersonAsync("ben");
        using var stranger = _app.Anonymous();
        using var forged = With("st_live_notakeynotakeynotakeynotakeynotak");
        var (only, without) = (new Dictionary<string, HttpClient>(), new Dictionary<string, HttpClient>());
        foreach (var scope in (string[])[Scopes.CampaignsRead, Scopes.CampaignsWrite, Scopes.CampaignsSend])
        {
            (only[scope], without[scope]) = (await KeyAsync([scope]), await KeyAsync([.. Scopes.All.Except([scope, Scopes.Admin])]));
        }

        var answers = new List<string>();
        foreach (var (method, path, body, scope) in All)
        {
            if (method == "DELETE")
            {
                // Whoever was on the way leaves behind the answer to archiving.
                await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM enrollments WHERE status = 1") == 0);
            }

            answers.AddRange(await AskAsync(method, path, body, ("a stranger", stranger, 401), ("a forged key", forged, 401), ($"a key without {scope}", without[scope], 403), ($"a key with {scope} alone", only[scope], 0)));
        }

        Assert.Empty(answers);
    }

    // 0 where it is to be let through; what has not failed cannot be retried, and is refused by its state.
    private async Task<List<string>> AskAsync(string method, string path, string? body, params (string Who, HttpClient Client, int Expected)[] callers)
    {
        var wrong = new List<string>();
        foreach (var (who, client, expected) in callers)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), JourneyApi.Path + path);
            request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            var status = (int)answer.StatusCode;
            if (expected == 0 ? !answer.IsSuccessStatusCode && !(path.EndsWith("/retry", StringComparison.Ordinal) && answer.StatusCode == HttpStatusCode.Conflict) : status != expected)
            {
                wrong.Add($"{method} {path} answered {status} to {who}");
            }
            else if (expected != 0 && answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            {
                wrong.Add($"{method} {path} told {who} no problem");
            }
        }

        return wrong;
    }

    private async Task<HttpClient> KeyAsync(string[] scopes)
    {
        using var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = "Key", scopes }, TestContext.Current.CancellationToken);
        return With((string)(await created.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["data"]!["key"]!);
    }

    private HttpClient With(string key)
    {
        var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }
}
