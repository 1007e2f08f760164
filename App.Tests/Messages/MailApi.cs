using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

/// <summary>Talks to the messages API as a program outside would, and to the links in its mail as a reader does.</summary>
internal static partial class MailApi
{
    public const string Path = "/api/v1/messages";

    public static JsonObject Mail(params string[] to) => new()
    {
        ["from"] = new JsonObject { ["email"] = "eva@acme.example", ["name"] = "Eva Lind" },
        ["to"] = new JsonArray([.. (to.Length == 0 ? ["ana@example.com"] : to).Select(email => new JsonObject { ["email"] = email })]),
        ["subject"] = "The offer we talked about",
        ["html"] = """<p>Hi, <a href="https://acme.example/offer?a=1&amp;b=2">the offer</a> and <a href="https://acme.example/terms">the terms</a>.</p>""",
        ["text"] = "The offer: https://acme.example/offer",
    };

    /// <summary>Makes a mail and returns its copies, one per recipient.</summary>
    public static async Task<JsonArray> GivenMailAsync(this TestApp app, JsonObject? mail = null) =>
        (await app.SendAsync(HttpMethod.Post, Path, mail ?? Mail(), HttpStatusCode.Accepted)).AsArray();

    public static long Number(JsonNode? copy) => long.Parse(((string)copy!["message_id"]!)[4..]);

    public static Task<JsonNode> MessageAsync(this TestApp app, JsonNode? copy) => app.GetAsync($"{Path}/{copy!["message_id"]}");

    /// <summary>Looks at the mail as a mail program does: the pixel in this copy is fetched, and counted when this returns.</summary>
    public static async Task OpenAsync(this TestApp app, JsonNode? copy, string userAgent = Some.Firefox)
    {
        using var answer = await ReadAsync(app, Pixel((string)copy!["html"]!), userAgent);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Follows a link of this copy; returns where it led.</summary>
    /// <param name="position">From 1.</param>
    public static async Task<string?> ClickAsync(this TestApp app, JsonNode? copy, int position = 1, string userAgent = Some.Firefox)
    {
        using var answer = await ReadAsync(app, Links((string)copy!["html"]!)[position - 1], userAgent);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return answer.Headers.Location?.OriginalString;
    }

    /// <summary>What this copy says as it lies in the database; null where it does not.</summary>
    public static async Task<byte[]?> ContentAsync(this TestApp app, JsonNode? copy)
    {
        await using var db = app.Database();
        var id = Number(copy);
        return await db.MailContents.Where(content => content.MessageId == id).Select(content => content.Content).SingleOrDefaultAsync();
    }

    public static string Pixel(string html) => OurPixel().Match(html) is { Success: true } found ? found.Groups[1].Value : throw new InvalidOperationException("The copy has no pixel.");

    public static List<string> Links(string html) => [.. OurLink().Matches(html).Select(found => found.Groups[1].Value)];

    private static async Task<HttpResponseMessage> ReadAsync(TestApp app, string path, string userAgent)
    {
        using var reader = app.Anonymous();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        var answer = await reader.SendAsync(request);
        await app.StoredAsync();
        return answer;
    }

    [GeneratedRegex("""src="?https?://[^/]+(/o/[0-9a-z]{40}\.gif)""")]
    private static partial Regex OurPixel();

    [GeneratedRegex("""href="https?://[^/]+(/c/[0-9a-z]{40})""")]
    private static partial Regex OurLink();
}
