using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Tracking;

/// <summary>An unsubscribe that cannot be written is no unsubscribe yet, but no mail goes out either.</summary>
public sealed class HeldUnsubscribeTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task While_the_disk_refuses_the_address_is_suppressed_in_memory_and_the_list_gets_it_once_it_can()
    {
        var campaign = await _app.GivenDraftAsync();
        var copy = await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", System.Text.Json.Nodes.JsonNode.Parse("""{"customer_id":"42","email":"Ana@example.com"}"""));
        Assert.NotNull(copy["message_id"]);
        var path = $"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(1))}";
        var check = _app.Services.GetRequiredService<SuppressionCheck>();

        using (Locked())
        {
            using var refused = await _app.Anonymous().PostAsync(new Uri(path, UriKind.Relative), content: null, Token);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("0", refused.Headers.GetValues("X-Event-Stored").Single());
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Contains("Please try again", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
            Assert.Equal(["ana@example.com"], (await check.ReasonsAsync(["ana@example.com", "bob@example.com"], Token)).Keys);
            Assert.Contains("suppressed", (string?)(await _app.RefusedAsync(
                HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument", """{"customer_id":"42","email":"ana@example.com"}""", 409))["detail"], StringComparison.Ordinal);
            await _app.RefusedAsync(
                HttpMethod.Post, "/api/v1/messages", """{"from":{"email":"me@acme.com"},"to":[{"email":"ana@example.com"}],"subject":"Hi","html":"<p>Hi</p>","send":false}""", 409);
        }

        await Eventually.TrueAsync(async () =>
        {
            await using var db = _app.Database();
            return await db.Suppressions.AnyAsync(s => s.Email == "ana@example.com", Token);
        }, seconds: 30);
        await Eventually.TrueAsync(() => !_app.Services.GetRequiredService<HeldUnsubscribes>().Contains("ana@example.com"));
        Assert.Equal(["ana@example.com"], (await check.ReasonsAsync(["ana@example.com"], Token)).Keys);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public void An_address_held_twice_is_free_after_the_second_release()
    {
        var held = new HeldUnsubscribes();

        held.Hold("ana@example.com");
        held.Hold("ANA@example.com");
        held.Release("ana@example.com");
        Assert.True(held.Contains("Ana@example.com"));
        held.Release("ana@example.com");

        Assert.False(held.Contains("ana@example.com"));
    }

    // Another program holds the inbox, as a disk that hangs would.
    private WriteConnection Locked()
    {
        var connection = new WriteConnection(Path.Combine(_app.DataDirectory, "inbox.db"));
        connection.Begin();
        return connection;
    }
}
