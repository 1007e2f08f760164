using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Domains;

/// <summary>Sending domains, through the API.</summary>
internal static class DomainApi
{
    public const string Path = "/api/v1/sending-domains";

    public static async Task<JsonElement> GivenDomainAsync(this TestApp app, string domain, params object[] keys)
    {
        using var answer = await app.Api.PostAsJsonAsync(Path, new { domain, keys });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
    }

    public static async Task<JsonElement> DomainAsync(this TestApp app, string id) =>
        (await app.Api.GetFromJsonAsync<JsonElement>($"{Path}/{id}")).GetProperty("data");

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
