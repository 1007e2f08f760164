using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ScoreTracking.Tests.Auth;

internal static class Problem
{
    /// <summary>The answer is problem+json with this status and title, and its detail says this.</summary>
    public static async Task IsAsync(HttpResponseMessage answer, HttpStatusCode status, string title, string detail)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.Equal(title, problem.GetProperty("title").GetString());
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
