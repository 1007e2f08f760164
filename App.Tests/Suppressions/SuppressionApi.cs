using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

/// <summary>Talks to the suppression list as a program outside would.</summary>
internal static class SuppressionApi
{
    public static Task<JsonNode> PostCreatedAsync(this TestApp app, string path, string body) =>
        app.SendAsync(HttpMethod.Post, path, JsonNode.Parse(body), HttpStatusCode.Created);

    /// <summary>A key with one scope.</summary>
    public static async Task<string> GivenKeyAsync(this TestApp app, string scope)
    {
        using var created = await app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = scope, scopes = new[] { scope } });
        return (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["data"]!["key"]!;
    }

    /// <summary>Uploads a CSV file; returns the id of the job.</summary>
    public static async Task<string> ImportSuppressionsAsync(this TestApp app, string csv)
    {
        using var response = await app.UploadSuppressionsAsync(csv);
        var text = await response.Content.ReadAsStringAsync();

        Assert.True(response.StatusCode == HttpStatusCode.Accepted, $"{(int)response.StatusCode} {text}");
        return (string)JsonNode.Parse(text)!["data"]!["job_id"]!;
    }

    public static Task<HttpResponseMessage> UploadSuppressionsAsync(this TestApp app, string csv)
    {
        var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file", "gone.csv" } };
        return app.Api.PostAsync("/api/v1/suppressions/import", form);
    }
}
