using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Hooks;

/// <summary>Talks to the webhooks API as a program outside would.</summary>
internal static class HookApi
{
    public const string Path = "/api/v1/webhooks";

    /// <summary>Endpoints on this machine are allowed, and verdicts have no time to settle.</summary>
    public static Dictionary<string, string> OnLoopback => new()
    {
        ["Hooks:SettleFor"] = "00:00:00",
        ["Hooks:AllowedNetworks:0"] = "127.0.0.0/8",
        ["Notifications:SettleFor"] = "00:00:00",
    };

    public static Task<JsonNode> GivenHookAsync(this TestApp app, string url, params string[] types) =>
        app.SendAsync(HttpMethod.Post, Path, Hook(url, types), HttpStatusCode.Created);

    public static JsonObject Hook(string url, params string[] types) =>
        new() { ["url"] = url, ["event_types"] = new JsonArray([.. types.Select(type => JsonValue.Create(type))]) };

    public static async Task<List<JsonNode>> DeliveriesAsync(this TestApp app, JsonNode hook, string query = "") =>
        [.. (await app.GetAsync($"{Path}/{hook["id"]}/deliveries{query}")).AsArray().Select(delivery => delivery!)];

    /// <summary>Waits for the newest delivery to stand like this.</summary>
    public static async Task<JsonNode> UntilAsync(this TestApp app, JsonNode hook, Func<JsonNode, bool> stands)
    {
        JsonNode? newest = null;
        await Eventually.TrueAsync(async () => (newest = (await app.DeliveriesAsync(hook)).FirstOrDefault()) is not null && stands(newest));
        return newest!;
    }
}
