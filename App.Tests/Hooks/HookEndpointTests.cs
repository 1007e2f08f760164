using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Hooks;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Hooks;

public sealed class HookEndpointTests : IAsyncDisposable
{
    private readonly TestApp _app = new(HookApi.OnLoopback);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_secret_is_shown_when_it_is_made_and_never_again()
    {
        var made = await _app.GivenHookAsync("https://crm.example.com/hooks", "opened", "first_open");
        var secret = (string)made["secret"]!;

        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(("crm.example.com", "https://crm.example.com/hooks", true, false), ((string)made["name"]!, (string)made["url"]!, (bool)made["enabled"]!, (bool)made["include_machines"]!));
        Assert.Equal(["first_open", "opened"], made["event_types"]!.AsArray().Select(type => (string)type!));
        Assert.DoesNotContain(secret, (await _app.GetAsync($"{HookApi.Path}/{made["id"]}")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await _app.GetAsync(HookApi.Path)).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret\":\"", (await _app.SendAsync(HttpMethod.Patch, $"{HookApi.Path}/{made["id"]}", JsonNode.Parse("""{"name":"CRM"}"""), HttpStatusCode.OK)).ToJsonString(), StringComparison.Ordinal);
        var chosen = HookApi.Hook("https://crm.example.com/", "opened");
        chosen["secret"] = secret;
        Assert.Equal(secret, (string)(await _app.SendAsync(HttpMethod.Post, HookApi.Path, chosen, HttpStatusCode.Created))["secret"]!);
        await using var db = _app.Database();
        Assert.DoesNotContain(db.Hooks.AsEnumerable(), hook => hook.Secrets.Contains(secret[6..], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"crm.example.com","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"ftp://crm.example.com/","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"javascript:alert(1)","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"https://user:password@crm.example.com/","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"https://crm.example.com/#top","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"https://10.0.0.1/","event_types":["opened"]}""", 422, "url")]
    [InlineData("""{"url":"https://crm.example.com/"}""", 422, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":[]}""", 422, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["opened","read"]}""", 422, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":[null]}""", 422, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["test"]}""", 422, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["opened"],"secret":"whsec_c2hvcnQ="}""", 422, "secret")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["opened"],"secret":"a long enough text without its prefix"}""", 422, "secret")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["opened"],"name":"two\nlines"}""", 422, "name")]
    [InlineData("""{"url":7,"event_types":["opened"]}""", 400, "url")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":"opened"}""", 400, "event_types")]
    [InlineData("""{"url":"https://crm.example.com/","event_types":["opened"],"colour":"red"}""", 400, "colour")]
    public async Task A_webhook_that_cannot_be_made_names_its_field(string body, int status, string field)
    {
        Assert.NotNull((await _app.RefusedAsync(HttpMethod.Post, HookApi.Path, body, status))["errors"]![field]);
        Assert.Empty((await _app.GetAsync(HookApi.Path)).AsArray());
    }

    [Theory]
    [InlineData("""{"url":"http://169.254.169.254/"}""", 422, "url")]
    [InlineData("""{"event_types":[]}""", 422, "event_types")]
    [InlineData("""{"name":""}""", 422, "name")]
    [InlineData("""{"secret":"whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}""", 422, "secret")]
    [InlineData("""{"enabled":"no"}""", 400, "enabled")]
    [InlineData("""{"id":"whk_9"}""", 400, "id")]
    public async Task A_change_that_cannot_be_made_changes_nothing(string body, int status, string field)
    {
        var hook = await _app.GivenHookAsync("https://crm.example.com/", "opened");
        var before = (await _app.GetAsync($"{HookApi.Path}/{hook["id"]}")).ToJsonString();

        Assert.NotNull((await _app.RefusedAsync(HttpMethod.Patch, $"{HookApi.Path}/{hook["id"]}", body, status))["errors"]![field]);

        Assert.Equal(before, (await _app.GetAsync($"{HookApi.Path}/{hook["id"]}")).ToJsonString());
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name_and_a_name_in_letters_of_the_world_is_stored_in_ASCII()
    {
        var hook = await _app.GivenHookAsync("https://crm.example.com/", "opened");

        var changed = await _app.SendAsync(HttpMethod.Patch, $"{HookApi.Path}/{hook["id"]}", JsonNode.Parse("""{"url":"https://bücher.example/ü?a=b","include_machines":true}"""), HttpStatusCode.OK);

        Assert.Equal(("https://xn--bcher-kva.example/%C3%BC?a=b", true, "crm.example.com"), ((string)changed["url"]!, (bool)changed["include_machines"]!, (string)changed["name"]!));
        Assert.Equal(["opened"], changed["event_types"]!.AsArray().Select(type => (string)type!));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        var hook = await _app.GivenHookAsync("https://crm.example.com/", "opened");
        var gone = await _app.GivenHookAsync("https://crm.example.com/", "opened");
        using var removed = await _app.RawAsync(HttpMethod.Delete, $"{HookApi.Path}/{gone["id"]}", null);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);

        foreach (var id in new[] { (string)gone["id"]!, "whk_0", "con_1", "1", "whk_1x" })
        {
            await _app.RefusedAsync(HttpMethod.Get, $"{HookApi.Path}/{id}", null, 404);
            await _app.RefusedAsync(HttpMethod.Patch, $"{HookApi.Path}/{id}", "{}", 404);
            await _app.RefusedAsync(HttpMethod.Delete, $"{HookApi.Path}/{id}", null, 404);
            await _app.RefusedAsync(HttpMethod.Get, $"{HookApi.Path}/{id}/deliveries", null, 404);
            await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{id}/actions/test", null, 404);
            await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{id}/actions/rotate_secret", null, 404);
            await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{id}/actions/retry", null, 404);
        }

        await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", """{"delivery_id":"dlv_99"}""", 404);
        await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", """{"delivery_id":"99"}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, $"{HookApi.Path}/{hook["id"]}/actions/retry", """{"delivery":"dlv_99"}""", 400);
    }

    [Fact]
    public async Task Lists_are_paged_by_key_and_take_only_their_own_cursors()
    {
        var hook = await _app.GivenHookAsync("https://crm.example.com/", "opened");
        var other = await _app.GivenHookAsync("https://erp.example.com/", "opened");
        foreach (var id in new[] { 1, 1, 1, 2 })
        {
            await _app.SqlAsync($"INSERT INTO hook_deliveries (hook_id, type, event_id, message_id, created_at, attempts, attempted_at, next_at, delivered_at, status, error, took) VALUES ({id}, 'opened', 1, 1, 1, 1, 1, 0, {(id == 1 ? 1 : 0)}, 200, '', 3)");
        }

        var (hooks, next) = await PageAsync(HookApi.Path, "?limit=1");
        Assert.Equal([(string)hook["id"]!], hooks);
        var (rest, none) = await PageAsync(HookApi.Path, $"?limit=1&cursor={next}");
        Assert.Equal([(string)other["id"]!], rest);
        Assert.Null(none);
        var deliveries = $"{HookApi.Path}/{hook["id"]}/deliveries";
        var (newest, more) = await PageAsync(deliveries, "?limit=2&status=delivered");
        Assert.Equal(["dlv_3", "dlv_2"], newest);
        (rest, none) = await PageAsync(deliveries, $"?limit=2&status=delivered&cursor={more}");
        Assert.Equal(["dlv_1"], rest);
        Assert.Null(none);
        Assert.Equal(["dlv_4"], (await PageAsync($"{HookApi.Path}/{other["id"]}/deliveries", "?status=failed")).Ids);

        foreach (var query in new[] { $"?cursor={more}", $"?cursor={next}", "?cursor=x", "?status=lost", "?limit=0", "?limit=501" })
        {
            await _app.RefusedAsync(HttpMethod.Get, deliveries + query, null, 422);
        }

        await _app.RefusedAsync(HttpMethod.Get, $"{HookApi.Path}/{other["id"]}/deliveries?status=delivered&cursor={more}", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{HookApi.Path}?cursor={more}", null, 422);
    }

    [Fact]
    public async Task There_are_at_most_twenty()
    {
        for (var i = 0; i < 20; i++)
        {
            await _app.GivenHookAsync("https://crm.example.com/", "opened");
        }

        await _app.RefusedAsync(HttpMethod.Post, HookApi.Path, HookApi.Hook("https://crm.example.com/", "opened").ToJsonString(), 409);
    }

    [Theory]
    [InlineData("8.8.8.8", true), InlineData("2606:4700::1111", true), InlineData("172.32.0.1", true), InlineData("100.128.0.1", true)]
    [InlineData("127.0.0.1", false), InlineData("127.9.9.9", false), InlineData("0.0.0.0", false), InlineData("10.1.2.3", false), InlineData("100.64.0.1", false), InlineData("169.254.169.254", false)]
    [InlineData("172.16.0.1", false), InlineData("172.31.255.255", false), InlineData("192.168.1.1", false), InlineData("192.0.0.8", false), InlineData("198.18.0.1", false), InlineData("203.0.113.7", false)]
    [InlineData("224.0.0.1", false), InlineData("240.0.0.1", false), InlineData("255.255.255.255", false)]
    [InlineData("::", false), InlineData("::1", false), InlineData("::ffff:127.0.0.1", false), InlineData("::ffff:10.0.0.1", false), InlineData("::ffff:8.8.8.8", true), InlineData("::127.0.0.1", false)]
    [InlineData("fe80::1", false), InlineData("fec0::1", false), InlineData("fc00::1", false), InlineData("fd12:3456::1", false), InlineData("ff02::1", false)]
    [InlineData("2002:7f00:1::", false), InlineData("2001:0:4136:e378::1", false), InlineData("64:ff9b::7f00:1", false), InlineData("64:ff9b:1::1", false), InlineData("2001:db8::1", false), InlineData("3fff::1", false)]
    public void Only_the_internet_is_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void Retries_come_from_half_a_minute_to_a_day_apart_and_an_endpoint_may_ask_for_more()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), HookSchedule.After(1, null));
        Assert.Equal(TimeSpan.FromHours(24), HookSchedule.After(HookSchedule.MaxAttempts - 1, null));
        Assert.Null(HookSchedule.After(HookSchedule.MaxAttempts, null));
        Assert.Equal(TimeSpan.FromMinutes(5), HookSchedule.After(1, TimeSpan.FromMinutes(5)));
        Assert.Equal(TimeSpan.FromSeconds(30), HookSchedule.After(1, TimeSpan.FromSeconds(-5)));
        Assert.Equal(TimeSpan.FromHours(24), HookSchedule.After(1, TimeSpan.FromDays(400)));
        var waits = Enumerable.Range(1, HookSchedule.MaxAttempts - 1).Select(attempts => HookSchedule.After(attempts, null)!.Value).ToList();
        Assert.Equal(waits.Order(), waits);
    }

    private async Task<(List<string> Ids, string? Next)> PageAsync(string path, string query)
    {
        using var answer = await _app.RawAsync(HttpMethod.Get, path + query, null);
        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return ([.. page["data"]!.AsArray().Select(one => (string)one!["id"]!)], (string?)page["next_cursor"]);
    }
}
