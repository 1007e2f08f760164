using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Ingest;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Talks to the journeys API as a program outside would.</summary>
internal static class JourneyApi
{
    public const string Path = "/api/v1/journeys";

    /// <summary>Verdicts have no time to settle, and segments are looked through every second.</summary>
    public static Dictionary<string, string> AtOnce => new() { ["Journeys:SettleFor"] = "00:00:00", ["Journeys:LookEvery"] = "00:00:01" };

    /// <param name="steps">An array, or its inside.</param>
    /// <param name="more">Members beside: <c>"again":"after_end"</c>.</param>
    public static async Task<string> GivenJourneyAsync(this TestApp app, string steps, string more = "", bool published = true)
    {
        var json = $$"""{"name":"Welcome","steps":[{{steps}}]{{(more.Length > 0 ? "," : "")}}{{more}}}""";
        var id = (string)(await app.SendAsync(HttpMethod.Post, Path, JsonNode.Parse(json), HttpStatusCode.Created))["id"]!;
        if (published)
        {
            await app.PostAsync($"{Path}/{id}/actions/publish");
        }

        return id;
    }

    /// <summary>A person with a customer id.</summary>
    public static async Task<string> GivenPersonAsync(this TestApp app, string customerId, string data = "{}")
    {
        using var put = await app.RawAsync(HttpMethod.Put, $"/api/v1/contacts/{customerId}", $$"""{"email":"{{customerId}}@example.com","data":{{data}}}""");
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        return customerId;
    }

    /// <summary>Sends a person on the journey; returns the enrollment's path.</summary>
    public static async Task<string> EnrollAsync(this TestApp app, string journey, string customerId)
    {
        var made = await app.SendAsync(HttpMethod.Post, $"{Path}/{journey}/enrollments", new JsonObject { ["customer_id"] = customerId }, HttpStatusCode.Created);
        return $"{Path}/{journey}/enrollments/{made["id"]}";
    }

    /// <summary>Waits until an enrollment is so.</summary>
    public static async Task<JsonNode> UntilAsync(this TestApp app, string enrollment, Func<JsonNode, bool> so)
    {
        JsonNode? seen = null;
        await Eventually.TrueAsync(async () => so(seen = await app.GetAsync(enrollment)));
        return seen!;
    }

    /// <summary>Waits until the person stands on a step, or ended there.</summary>
    public static Task<JsonNode> UntilAtAsync(this TestApp app, string enrollment, string step, string status = "active") =>
        app.UntilAsync(enrollment, seen => (string)seen["step_id"]! == step && (string)seen["status"]! == status);

    /// <summary>Everything stored so far has been followed.</summary>
    public static async Task FollowedForJourneysAsync(this TestApp app)
    {
        await app.StoredAsync();
        var (follower, last) = (app.Services.GetRequiredService<JourneyFollower>(), app.Services.GetRequiredService<Inbox>().Last);
        await Eventually.TrueAsync(() => follower.Position >= last);
    }

    /// <summary>Time passes by every clock, and whoever is due moves.</summary>
    public static async Task PassAsync(this TestApp app, TimeSpan time)
    {
        app.Clock.Pass(time);
        app.Services.GetRequiredService<JourneyRunner>().Wake();
        await Task.Yield();
    }

    /// <summary>step:outcome of everything done so far.</summary>
    public static string Way(JsonNode enrollment) => string.Join(" ", enrollment["log"]!.AsArray().Select(step => $"{step!["step_id"]}:{step["outcome"]}"));

    public static long MessageOf(JsonNode enrollment, string step) =>
        long.Parse(((string)enrollment["log"]!.AsArray().Single(done => (string)done!["step_id"]! == step)!["message_id"]!)[4..], CultureInfo.InvariantCulture);

    public static async Task<long> CountAsync(this TestApp app, string sql)
    {
        using var connection = app.Services.GetRequiredService<ScoreTracking.Data.SqliteFile>().Open();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
