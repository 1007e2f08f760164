using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Talks to the campaigns API as a program outside would.</summary>
internal static class CampaignApi
{
    public const string Html = """
        <html><body><p>Hi {{first_name}}</p><a href="https://shop.example/a?x=1&amp;y=2">Shop</a> <a href="https://shop.example/b">More</a></body></html>
        """;

    public static JsonObject Campaign(string name = "Spring sale") => new()
    {
        ["name"] = name,
        ["from"] = new JsonObject { ["email"] = "news@acme.com", ["name"] = "Acme" },
        ["content"] = new JsonObject { ["subject"] = "Hi {{first_name}}", ["preheader"] = "", ["html"] = Html, ["text"] = "Hello {{first_name}}" },
        ["delivery"] = "external",
    };

    /// <summary>Three subjects by two contents, as in the contract.</summary>
    public static JsonObject Tested()
    {
        var campaign = Campaign();
        campaign["ab_test"] = JsonNode.Parse("""
            {"factors":[
              {"field":"subject","levels":[{"key":"s1","value":"Save 20%"},{"key":"s2","value":"Only today"},{"key":"s3","value":"Your spring pick"}]},
              {"field":"html","levels":[{"key":"c1","value":"<p>A <a href='https://shop.example/a'>go</a></p>"},{"key":"c2","value":"<p>B <a href='https://shop.example/a'>go</a></p>"}]}],
             "distribution":"equal","weights":null,"sample_percent":100,
             "winner":{"mode":"manual","metric":"click_rate","after_hours":4,"min_probability":0.95,"min_per_variant":100}}
            """);
        return campaign;
    }

    public static JsonObject Recipient(int number) => new()
    {
        ["customer_id"] = $"c{number}",
        ["email"] = $"person{number}@example.com",
        ["data"] = new JsonObject { ["first_name"] = $"Ana {number}" },
    };

    public static JsonObject Recipients(IEnumerable<JsonObject> recipients) => new() { ["recipients"] = new JsonArray([.. recipients]) };

    public static async Task<string> GivenDraftAsync(this TestApp app, JsonObject? campaign = null)
    {
        var data = await app.SendAsync(HttpMethod.Post, "/api/v1/campaigns", campaign ?? Campaign(), HttpStatusCode.Created);
        return (string)data["id"]!;
    }

    /// <summary>Posts and returns <c>data</c> of the answer.</summary>
    public static Task<JsonNode> PostAsync(this TestApp app, string path, JsonNode? body = null) => app.SendAsync(HttpMethod.Post, path, body, HttpStatusCode.OK);

    public static async Task<JsonNode> GetAsync(this TestApp app, string path) => await app.SendAsync(HttpMethod.Get, path, null, HttpStatusCode.OK);

    public static async Task<JsonNode> SendAsync(this TestApp app, HttpMethod method, string path, JsonNode? body, HttpStatusCode expected)
    {
        using var response = await app.RawAsync(method, path, body?.ToJsonString());
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(expected == response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!["data"]!;
    }

    /// <summary>Sends what must be refused; returns the problem.</summary>
    public static async Task<JsonObject> RefusedAsync(this TestApp app, HttpMethod method, string path, string? body, int status)
    {
        using var response = await app.RawAsync(method, path, body);
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(status, (int)problem["status"]!);
        return problem;
    }

    public static async Task<HttpResponseMessage> RawAsync(this TestApp app, HttpMethod method, string path, string? body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await app.Api.SendAsync(request);
    }

    /// <summary>Uploads a CSV file; returns the id of the job.</summary>
    public static async Task<string> ImportAsync(this TestApp app, string campaign, byte[] csv)
    {
        using var response = await app.UploadAsync(campaign, csv);
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(response.StatusCode == HttpStatusCode.Accepted, $"{(int)response.StatusCode} {text}");
        return (string)JsonNode.Parse(text)!["data"]!["job_id"]!;
    }

    public static Task<HttpResponseMessage> UploadAsync(this TestApp app, string campaign, byte[] csv)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(csv), "file", "people.csv" } };
        return app.Api.PostAsync($"/api/v1/campaigns/{campaign}/recipients/import", form);
    }

    /// <summary>Waits for the job's end, woken as pages are.</summary>
    public static async Task<JsonNode> FinishedAsync(this TestApp app, string job)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var changed = new SemaphoreSlim(0);
        var id = long.Parse(job[4..]);
        using var watch = app.Live().Subscribe(ScoreTracking.Live.LiveTopic.Job(id), () => changed.Release());
        while (true)
        {
            var data = await app.GetAsync($"/api/v1/jobs/{job}");
            if ((string)data["status"]! is "done" or "failed")
            {
                return data;
            }

            await changed.WaitAsync(timeout.Token);
        }
    }

    public static ScoreTracking.Live.LiveUpdates Live(this TestApp app) =>
        (ScoreTracking.Live.LiveUpdates)app.Services.GetService(typeof(ScoreTracking.Live.LiveUpdates))!;

    public static async Task<List<JsonNode>> BatchAsync(this TestApp app, string campaign, IEnumerable<JsonObject> recipients)
    {
        using var response = await app.RawAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument/batch", Recipients(recipients).ToJsonString());
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>As if it had been on the list before this server knew of it: without an event that says why.</summary>
    public static Task SuppressAsync(this TestApp app, string email, string reason = "unsubscribed") => app.SqlAsync($"""
        INSERT INTO suppression_grounds (email, reason, source, campaign_id, message_id, note, created_at) VALUES ('{email}', '{reason}', 'api', 0, 0, '', 1);
        INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at) VALUES ('{email}', '{reason}', 'api', 0, '', 1)
        """);

    public static async Task SqlAsync(this TestApp app, string sql)
    {
        var file = (ScoreTracking.Data.SqliteFile)app.Services.GetService(typeof(ScoreTracking.Data.SqliteFile))!;
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
