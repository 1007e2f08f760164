using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Journeys;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Journeys and people on them, for pages to show.</summary>
internal static class JourneyScenes
{
    /// <summary>Send, wait three days for a click, else remind; as a draft.</summary>
    public static async Task<string> GivenReminderAsync(this TestApp app, string first, string second)
    {
        PublicId.TryCampaign(first, out var one);
        PublicId.TryCampaign(second, out var two);
        var journey = JsonNode.Parse(JourneyJson.Write(DefinitionEditsTests.Reminder(one, two)))!.AsObject();
        journey["name"] = "Welcome and remind";
        return (string)(await app.SendAsync(HttpMethod.Post, "/api/v1/journeys", journey, System.Net.HttpStatusCode.Created))["id"]!;
    }

    /// <summary>A person who has come to the wait.</summary>
    public static async Task<string> GivenWalkerAsync(this TestApp app, string id, int number)
    {
        using var put = await app.RawAsync(HttpMethod.Put, $"/api/v1/contacts/c{number}", new JsonObject { ["email"] = $"person{number}@example.com" }.ToJsonString());
        Assert.True(put.IsSuccessStatusCode);
        var person = (string)(await app.SendAsync(HttpMethod.Post, $"/api/v1/journeys/{id}/enrollments", new JsonObject { ["customer_id"] = $"c{number}" }, System.Net.HttpStatusCode.Created))["id"]!;
        await Eventually.TrueAsync(async () => (string?)(await app.GetAsync($"/api/v1/journeys/{id}/enrollments/{person}"))["step_id"] == "click");
        return person;
    }
}
