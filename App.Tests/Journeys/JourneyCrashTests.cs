using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Hooks;
using ScoreTracking.Tests.Load;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>However often the server dies, each step acts once on everyone: the real server as a process of its own, killed while people go through a journey that sends, tells and sends again.</summary>
public sealed class JourneyCrashTests : IDisposable
{
    private const int Connections = 4;

    private readonly KilledServer _server = new("journey", new Dictionary<string, string> { ["Hooks__AllowedNetworks__0"] = "127.0.0.0/8" });
    private readonly HttpClient _http = new();

    private static int Kills => KilledServer.Setting("JOURNEY_KILLS", 4);

    private static int People => KilledServer.Setting("JOURNEY_PEOPLE", 120);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_is_sent_a_step_twice_or_skipped_and_what_is_told_twice_has_one_id()
    {
        using var sink = await SmtpSink.StartAsync(_server.PathOf("arrived"), Cancellation);
        await using var hooks = await HookSink.OpenAsync();
        var random = new Random();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.ApiKey);
        await _server.StartAsync();
        using var made = await SentCampaign.MakeAsync(_server.Port, sink.Port, 0, Connections, Cancellation);
        var (first, second) = (made.Id, await CampaignAsync(made.ConnectionId));
        await PeopleAsync();
        var journey = await JourneyAsync(first, second, hooks.Url);
        foreach (var chunk in Enumerable.Range(0, People).Chunk((People + Kills - 1) / Kills))
        {
            foreach (var person in chunk)
            {
                await PostAsync($"/api/v1/journeys/{journey}/enrollments", new JsonObject { ["customer_id"] = $"c{person}" });
            }

            await Task.Delay(random.Next(50, 800), Cancellation);
            await _server.KillAndStartAsync();
            made.MoveTo(_server.Port);
        }

        await Eventually.TrueAsync(async () => await _server.CountAsync("SELECT count(*) FROM enrollments WHERE status = 2") == People, seconds: 240);
        await Eventually.TrueAsync(async () => await _server.CountAsync("SELECT count(*) FROM deliveries WHERE state = 1") == 0, seconds: 240);
        await _server.DrainedAsync();

        Assert.Equal(3 * People, await _server.CountAsync("SELECT count(*) FROM enrollment_steps"));
        Assert.Equal(2 * People, await _server.CountAsync("SELECT count(*) FROM messages"));
        Assert.Equal(2 * People, await _server.CountAsync("SELECT count(DISTINCT message_id) FROM enrollment_steps WHERE outcome = 'sent'"));
        Assert.Equal(0, await _server.CountAsync("SELECT count(*) FROM step_calls"));
        Assert.Equal(People, hooks.Received.Select(request => request.Header("webhook-id")).Distinct().Count());

        // Of what was under way at a kill nobody knows: it is never sent again by itself.
        var uncertain = (await made.UncertainAsync(Cancellation)).Count;
        var arrived = sink.Recipients().GroupBy(recipient => recipient).ToDictionary(recipient => recipient.Key, recipient => recipient.Count());
        Assert.True(arrived.Values.All(mails => mails <= 2), "Somebody got a mail twice.");
        Assert.InRange(arrived.Values.Sum(), (2 * People) - (Connections * (Kills + 1)), 2 * People);
        Assert.True(uncertain <= Connections * (Kills + 1), $"{uncertain} uncertain");

        await _server.StopAndVerifyAsync();
    }

    public void Dispose()
    {
        _http.Dispose();
        _server.Dispose();
    }

    private async Task<string> CampaignAsync(string connection) => (string)(await PostAsync("/api/v1/campaigns", new JsonObject
    {
        ["name"] = "Second",
        ["from"] = new JsonObject { ["email"] = "news@acme.example", ["name"] = "Acme" },
        ["content"] = new JsonObject { ["subject"] = "Second", ["html"] = "<p>Second</p>" },
        ["delivery"] = "smtp",
        ["connection_id"] = connection,
    }))["id"]!;

    private async Task<string> JourneyAsync(string first, string second, string url)
    {
        var journey = (string)(await PostAsync("/api/v1/journeys", new JsonObject
        {
            ["name"] = "Welcome",
            ["trigger"] = new JsonObject { ["event"] = "api" },
            ["steps"] = new JsonArray(
                new JsonObject { ["id"] = "n1", ["type"] = "send", ["campaign_id"] = first, ["next"] = "n2" },
                new JsonObject { ["id"] = "n2", ["type"] = "webhook", ["url"] = url, ["next"] = "n3" },
                new JsonObject { ["id"] = "n3", ["type"] = "send", ["campaign_id"] = second, ["next"] = null }),
        }))["id"]!;
        await PostAsync($"/api/v1/journeys/{journey}/actions/publish", null);
        return journey;
    }

    // By a campaign that is never sent.
    private async Task PeopleAsync()
    {
        var other = (string)(await PostAsync("/api/v1/campaigns", new JsonObject
        {
            ["name"] = "Never", ["from"] = new JsonObject { ["email"] = "news@acme.example", ["name"] = "Acme" }, ["content"] = new JsonObject { ["subject"] = "Never", ["html"] = "<p>Never</p>" }, ["delivery"] = "external",
        }))["id"]!;
        var people = new JsonArray([.. Enumerable.Range(0, People).Select(person => new JsonObject { ["customer_id"] = $"c{person}", ["email"] = SentCampaign.Address(person) })]);
        await PostAsync($"/api/v1/campaigns/{other}/recipients", new JsonObject { ["recipients"] = people });
        Assert.Equal(HttpStatusCode.OK, (await _http.PostAsync(Url($"/api/v1/campaigns/{other}/actions/cancel"), null, Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _http.DeleteAsync(Url($"/api/v1/campaigns/{other}"), Cancellation)).StatusCode);
    }

    private async Task<JsonNode> PostAsync(string path, JsonNode? body)
    {
        using var answer = body is null ? await _http.PostAsync(Url(path), null, Cancellation) : await _http.PostAsJsonAsync(Url(path), body, Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!["data"]! : throw new IOException($"{path}: {(int)answer.StatusCode} {text}");
    }

    private Uri Url(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_server.Port}{path}"));
}
