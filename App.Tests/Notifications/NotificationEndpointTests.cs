using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Notifications;

public sealed class NotificationEndpointTests : IAsyncDisposable
{
    private readonly TestApp _app = new(NotificationApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Programs_share_one_mark_and_each_person_has_their_own()
    {
        var admin = await _app.AdminAsync();
        await _app.OpenAsync(await _app.GivenAskingAsync("ana@example.com"));
        await _app.OpenAsync(await _app.GivenAskingAsync("ben@example.com"));
        var (ben, ana) = (await _app.NotificationsAsync()) switch { var told => ((string)told[0]["id"]!, (string)told[1]["id"]!) };

        await MarkAsync(ana, "", true, HttpStatusCode.NoContent);
        await MarkAsync(ana, "", true, HttpStatusCode.NoContent);
        Assert.Equal([ben], await UnreadAsync("?unread=true"));
        Assert.Equal([ben, ana], await UnreadAsync($"?unread=true&user_id={admin}"));
        await MarkAsync(ben, $"?user_id={admin}", true, HttpStatusCode.NoContent);
        Assert.Equal([ana], await UnreadAsync($"?unread=true&user_id={admin}"));
        await MarkAsync(ben, $"?user_id={admin}", false, HttpStatusCode.NoContent);
        Assert.Equal([ben, ana], await UnreadAsync($"?unread=true&user_id={admin}"));

        Assert.Equal(2, (int)(await _app.PostAsync($"{NotificationApi.Path}/actions/read?user_id={admin}"))["marked"]!);
        Assert.Empty(await UnreadAsync($"?unread=true&user_id={admin}"));
        Assert.Equal([ben], await UnreadAsync("?unread=true"));
    }

    [Fact]
    public async Task The_list_is_filtered_and_paged_by_key_and_takes_only_its_own_cursors()
    {
        await _app.ChooseAsync(await _app.AdminAsync(), """{"mails":"all","mail_types":["first_click"]}""");
        var mails = new List<JsonNode>();
        foreach (var name in new[] { "ana", "ben", "cem" })
        {
            var mail = await _app.GivenAskingAsync($"{name}@example.com");
            mails.Add(mail);
            await _app.OpenAsync(mail);
            _app.Clock.Advance(TimeSpan.FromMinutes(1));
            await _app.ClickAsync(mail);
        }

        Assert.Equal(6, (await _app.NotificationsAsync()).Count);
        Assert.Equal(["cem@example.com", "ben@example.com", "ana@example.com"], (await _app.NotificationsAsync("?type=first_click")).Select(told => (string)told["email"]!));
        Assert.Equal(["first_click", "first_open"], (await _app.NotificationsAsync($"?message_id={mails[1]["message_id"]}")).Select(told => (string)told["type"]!));

        var (pages, cursor) = (new List<string>(), "");
        do
        {
            using var answer = await _app.RawAsync(HttpMethod.Get, $"{NotificationApi.Path}?type=first_open&limit=2{cursor}", null);
            var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            pages.Add(string.Join(' ', page["data"]!.AsArray().Select(told => (string)told!["email"]!)));
            cursor = page["next_cursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(["cem@example.com ben@example.com", "ana@example.com"], pages);
        using var first = await _app.RawAsync(HttpMethod.Get, $"{NotificationApi.Path}?limit=2", null);
        var foreign = (string)JsonNode.Parse(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["next_cursor"]!;
        await _app.RefusedAsync(HttpMethod.Get, $"{NotificationApi.Path}?type=first_open&cursor={foreign}", null, 422);
    }

    [Theory]
    [InlineData("?type=opened", "type")]
    [InlineData("?type=first_open%20", "type")]
    [InlineData("?message_id=7", "message_id")]
    [InlineData("?user_id=cmp_1", "user_id")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=501", "limit")]
    [InlineData("?cursor=nonsense", "cursor")]
    public async Task A_list_that_cannot_be_given_names_the_field(string query, string field) =>
        Assert.NotNull((await _app.RefusedAsync(HttpMethod.Get, NotificationApi.Path + query, null, 422))["errors"]![field]);

    [Theory]
    [InlineData("""{"mails":"mine"}""", 422, "mails")]
    [InlineData("""{"mail_types":["opened"]}""", 422, "mail_types")]
    [InlineData("""{"mail_types":[null]}""", 422, "mail_types")]
    [InlineData("""{"campaign_types":["first_open"]}""", 422, "campaign_types")]
    [InlineData("""{"mail_types":"first_open"}""", 400, "mail_types")]
    [InlineData("""{"requested":"yes"}""", 400, "requested")]
    [InlineData("""{"colour":"red"}""", 400, "colour")]
    public async Task A_choice_that_cannot_be_made_changes_nothing(string change, int status, string field)
    {
        var admin = await _app.AdminAsync();
        var before = (await _app.GetAsync($"{NotificationApi.Path}/preferences")).ToJsonString();

        var refused = await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/preferences/{admin}", change, status);

        Assert.NotNull(refused["errors"]![field]);
        Assert.Equal(before, (await _app.GetAsync($"{NotificationApi.Path}/preferences")).ToJsonString());
    }

    [Fact]
    public async Task A_choice_keeps_what_it_does_not_name_and_goes_with_its_person()
    {
        var user = await _app.GivenUserAsync("mia@example.com", "marketer");
        Assert.Equal(
            $$"""{"user_id":"{{user}}","email":"mia@example.com","mails":"all","mail_types":["first_open","reply"],"campaign_types":[],"requested":true}""",
            (await _app.ChooseAsync(user, """{"mails":"all","mail_types":["reply","first_open","reply"]}""")).ToJsonString());
        Assert.Equal(
            $$"""{"user_id":"{{user}}","email":"mia@example.com","mails":"all","mail_types":["first_open","reply"],"campaign_types":["reply","complaint"],"requested":false}""",
            (await _app.ChooseAsync(user, """{"campaign_types":["complaint","reply"],"requested":false}""")).ToJsonString());

        using var removed = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/users/{user}", null);

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await using var db = _app.Database();
        Assert.Empty(db.NotificationPreferences);
        await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/preferences/{user}", "{}", 404);
    }

    [Fact]
    public async Task What_does_not_exist_or_is_somebody_elses_is_not_found()
    {
        await _app.OpenAsync(await _app.GivenAskingAsync("ana@example.com"));
        var told = (string)Assert.Single(await _app.NotificationsAsync())["id"]!;
        var viewer = await _app.GivenUserAsync("vera@example.com", "viewer");
        var late = await _app.GivenUserAsync("mia@example.com", "marketer");

        await MarkAsync("ntf_99", "", true, HttpStatusCode.NotFound);
        await MarkAsync("99", "", true, HttpStatusCode.NotFound);
        await MarkAsync(told, $"?user_id={late}", true, HttpStatusCode.NotFound);
        await _app.RefusedAsync(HttpMethod.Get, $"{NotificationApi.Path}?user_id={viewer}", null, 404);
        await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/preferences/{viewer}", "{}", 404);
        await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/{told}", "{}", 400);
        await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/{told}", """{"read":"yes"}""", 400);
        await _app.RefusedAsync(HttpMethod.Patch, $"{NotificationApi.Path}/{told}?user_id=7", """{"read":true}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, $"{NotificationApi.Path}/actions/read?user_id=7", null, 422);
    }

    private async Task MarkAsync(string id, string query, bool read, HttpStatusCode expected)
    {
        using var answer = await _app.RawAsync(HttpMethod.Patch, $"{NotificationApi.Path}/{id}{query}", new JsonObject { ["read"] = read }.ToJsonString());
        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task<List<string>> UnreadAsync(string query) => [.. (await _app.NotificationsAsync(query)).Select(told => (string)told["id"]!)];
}
