using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>An ESP takes back what it said against an address.</summary>
public sealed class RetractionTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData(new[] { "unsubscribed@1", "back@2" }, null)]
    [InlineData(new[] { "back@2", "unsubscribed@1" }, null)]
    [InlineData(new[] { "unsubscribed@1", "back@2", "unsubscribed@3" }, "unsubscribed")]
    [InlineData(new[] { "unsubscribed@3", "back@2", "unsubscribed@1" }, "unsubscribed")]
    [InlineData(new[] { "back@2", "unsubscribed@3", "unsubscribed@1", "back@2" }, "unsubscribed")]
    [InlineData(new[] { "complained@1", "unsubscribed@1", "back@2" }, "complaint")]
    [InlineData(new[] { "back@2", "hard@1" }, null)]
    public async Task What_an_address_came_back_from_is_lifted_whichever_report_arrives_first(string[] reports, string? reason)
    {
        var url = await ConnectAsync();
        var message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        await using var db = _app.Database();
        var email = db.Messages.Single(m => m.Id == message).Email;

        foreach (var report in reports)
        {
            var (kind, hour) = (report.Split('@')[0], int.Parse(report.Split('@')[1], provider: null));
            var at = Some.Noon + TimeSpan.FromHours(hour - 10);
            if (kind == "back")
            {
                await ReactivateAsync(url, email, at);
                continue;
            }

            await _app.StoreAsync(Some.Event(
                message, kind switch { "hard" => EventType.Bounced, "complained" => EventType.Complained, _ => EventType.Unsubscribed }, TimeSpan.FromHours(hour - 10),
                $"{message}:{report}", bounce: kind == "hard" ? BounceKind.Hard : BounceKind.None));
        }

        Assert.Equal(reason, db.Suppressions.Where(s => s.Email == email).Select(s => s.Reason).SingleOrDefault());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_was_entered_by_hand_or_imported_no_ESP_takes_back()
    {
        var url = await ConnectAsync();
        using var added = await _app.Api.PostAsJsonAsync("/api/v1/suppressions", new { email = "ana@example.com" });

        await ReactivateAsync(url, "ana@example.com", Some.Noon + TimeSpan.FromDays(3));

        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        using var still = await _app.Api.GetAsync("/api/v1/suppressions/ana@example.com");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    private async Task<Uri> ConnectAsync()
    {
        using var made = await _app.Api.PostAsJsonAsync("/api/v1/connections", new { name = "Postmark", provider = "postmark", basic_auth = new { user = "esp", password = "a long password" } });
        var text = await made.Content.ReadAsStringAsync();
        Assert.True(made.StatusCode == HttpStatusCode.Created, text);
        return new Uri(new Uri(JsonDocument.Parse(text).RootElement.GetProperty("data").GetProperty("webhook_url").GetString()!).PathAndQuery, UriKind.Relative);
    }

    private async Task ReactivateAsync(Uri url, string email, DateTimeOffset at)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("esp:a long password"u8));
        request.Content = JsonContent.Create(new Dictionary<string, object?>
        {
            ["RecordType"] = "SubscriptionChange", ["Recipient"] = email, ["SuppressSending"] = false, ["SuppressionReason"] = null,
            ["ChangedAt"] = at.ToString("O"), ["MessageStream"] = "outbound", ["Origin"] = "Recipient",
        });
        using var client = _app.Anonymous();
        using var answer = await client.SendAsync(request);

        Assert.Equal("""{"received":0,"ignored":1}""", await answer.Content.ReadAsStringAsync());
    }
}
