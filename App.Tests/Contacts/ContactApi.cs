using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

/// <summary>Talks to the contacts API as a program outside would.</summary>
internal static class ContactApi
{
    public const string Path = "/api/v1/contacts";

    public static Task<JsonNode> AddAsync(this TestApp app, string customerId, string email, JsonObject? data = null) =>
        app.PutAsync(customerId, new JsonObject { ["email"] = email, ["data"] = data }, HttpStatusCode.Created);

    public static Task<JsonNode> PutAsync(this TestApp app, string customerId, JsonObject body, HttpStatusCode expected = HttpStatusCode.OK) =>
        app.SendAsync(HttpMethod.Put, $"{Path}/{Uri.EscapeDataString(customerId)}", body, expected);

    /// <summary>The whole answer: data, next_cursor and count.</summary>
    public static async Task<JsonObject> ListAsync(this TestApp app, string query, string path = Path)
    {
        using var response = await app.Api.GetAsync($"{path}?{query}");
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(response.IsSuccessStatusCode, $"{path}?{query}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Every row of a list, page after page.</summary>
    public static async Task<List<JsonNode>> AllAsync(this TestApp app, string query, int limit = 7, string path = Path)
    {
        var rows = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await app.ListAsync($"{query}&limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}", path);
            var data = page["data"]!.AsArray();
            Assert.True(data.Count <= limit);
            rows.AddRange(data.Select(row => row!.DeepClone()));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);

        return rows;
    }

    public static string[] Emails(this IEnumerable<JsonNode?> rows) => [.. rows.Select(row => (string)row!["email"]!)];
}
