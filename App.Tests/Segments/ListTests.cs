using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Auth;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Contacts;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tests.Suppressions;

namespace ScoreTracking.Tests.Segments;

public sealed class ListTests : IAsyncDisposable
{
    private const string Path = "/api/v1/lists";
    private const string Hostile = "<img src=x onerror=window.__xss=1>";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_list_is_made_named_read_and_removed()
    {
        var made = await _app.PostCreatedAsync(Path, new JsonObject { ["name"] = $"  {Hostile} " }.ToJsonString());
        Assert.Equal(("lst_1", Hostile, 0), ((string)made["id"]!, (string)made["name"]!, (int)made["contacts"]!));

        var renamed = await _app.SendAsync(HttpMethod.Patch, $"{Path}/lst_1", JsonNode.Parse("""{"name":"Newsletter"}"""), HttpStatusCode.OK);
        Assert.Equal("Newsletter", (string)renamed["name"]!);
        Assert.Equal("Newsletter", (string)(await _app.GetAsync($"{Path}/lst_1"))["name"]!);
        for (var i = 0; i < 5; i++)
        {
            await _app.PostCreatedAsync(Path, $$"""{"name":"List {{i}}"}""");
        }

        Assert.Equal(["Newsletter", "List 0", "List 1", "List 2", "List 3", "List 4"], (await _app.AllAsync("", limit: 4, path: Path)).Select(list => (string)list["name"]!));

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/lst_1"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"{Path}/lst_1"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Delete, $"{Path}/lst_1"));
    }

    [Fact]
    public async Task What_is_wrong_is_said()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");

        await _app.RefusedAsync(HttpMethod.Post, Path, """{"name":" "}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, Path, """{}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, Path, """{"name":"a\u0000b"}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, Path, new JsonObject { ["name"] = new string('x', 101) }.ToJsonString(), 422);
        await _app.RefusedAsync(HttpMethod.Post, Path, """{"name":"a","colour":"red"}""", 400);
        await _app.RefusedAsync(HttpMethod.Post, Path, """{"name":7}""", 400);
        await _app.RefusedAsync(HttpMethod.Post, Path, """{"name":"NEWSletter"}""", 409);
        await _app.PostCreatedAsync(Path, """{"name":"Other"}""");
        await _app.RefusedAsync(HttpMethod.Patch, $"{Path}/lst_2", """{"name":"newsletter"}""", 409);
        foreach (var foreign in (string[])["lst_9", "lst_01", "seg_1", "lst_x", "1"])
        {
            await _app.RefusedAsync(HttpMethod.Get, $"{Path}/{foreign}", null, 404);
            await _app.RefusedAsync(HttpMethod.Patch, $"{Path}/{foreign}", """{"name":"Fine"}""", 404);
            await _app.RefusedAsync(HttpMethod.Delete, $"{Path}/{foreign}", null, 404);
            await _app.RefusedAsync(HttpMethod.Get, $"{Path}/{foreign}/contacts", null, 404);
            await _app.RefusedAsync(HttpMethod.Put, $"{Path}/{foreign}/contacts/1", null, 404);
            await _app.RefusedAsync(HttpMethod.Delete, $"{Path}/{foreign}/contacts/1", null, 404);
        }

        await _app.RefusedAsync(HttpMethod.Get, $"{Path}?limit=501", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}?cursor=bm8", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}/lst_1/contacts?limit=0", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}/lst_1/contacts?cursor=bm8", null, 422);
        await _app.RefusedAsync(HttpMethod.Put, $"{Path}/lst_1/contacts/nobody", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/contacts/nobody/lists", null, 404);
    }

    [Fact]
    public async Task People_come_on_a_list_and_off_it_however_they_are_named()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");
        for (var i = 1; i <= 9; i++)
        {
            await _app.AddAsync($"c/{i}", $"person{i}@example.com");
            Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Put, i % 2 == 0 ? $"{Path}/lst_1/contacts/c%2F{i}" : $"{Path}/lst_1/contacts/ctc_{i}"));
        }

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Put, $"{Path}/lst_1/contacts/ctc_3"));
        Assert.Equal(9, (int)(await _app.GetAsync($"{Path}/lst_1"))["contacts"]!);
        Assert.Equal(Enumerable.Range(1, 9).Select(i => $"person{i}@example.com"), (await _app.AllAsync("", limit: 4, path: $"{Path}/lst_1/contacts")).Emails());
        var cursor = (string?)(await _app.ListAsync("limit=4", $"{Path}/lst_1/contacts"))["next_cursor"];
        await _app.PostCreatedAsync(Path, """{"name":"Other"}""");
        await _app.RefusedAsync(HttpMethod.Get, $"{Path}/lst_2/contacts?cursor={cursor}", null, 422);

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/lst_1/contacts/c%2F2"));
        await _app.RefusedAsync(HttpMethod.Delete, $"{Path}/lst_1/contacts/c%2F2", null, 404);
        Assert.Equal(8, (int)(await _app.GetAsync($"{Path}/lst_1"))["contacts"]!);
        var lists = (await _app.GetAsync("/api/v1/contacts/ctc_3/lists")).AsArray();
        Assert.Equal("lst_1 Newsletter", $"{lists.Single()!["id"]} {lists.Single()!["name"]}");
        Assert.Empty((await _app.GetAsync("/api/v1/contacts/ctc_2/lists")).AsArray());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Who_is_deleted_or_erased_is_on_no_list_and_a_person_s_file_tells_of_them()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");
        for (var i = 1; i <= 3; i++)
        {
            await _app.AddAsync($"{i}", $"person{i}@example.com");
            await StatusAsync(HttpMethod.Put, $"{Path}/lst_1/contacts/{i}");
        }

        Assert.Contains("""{"type":"list","list_id":"lst_1","name":"Newsletter","added_at":""", await _app.Api.GetStringAsync("/api/v1/contacts/ctc_1/export"), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/api/v1/contacts/ctc_1?erase=true"));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/api/v1/contacts/ctc_2"));

        Assert.Equal(["person3@example.com"], (await _app.AllAsync("", path: $"{Path}/lst_1/contacts")).Emails());
        await using var db = _app.Database();
        Assert.Equal([3], await db.ListMembers.Select(member => member.ContactId).ToListAsync());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_rule_that_names_an_erased_person_asks_for_nobody()
    {
        await _app.AddAsync("1", "ana@example.com");
        await _app.SqlAsync("""
            INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('Just ana@example.com', '{"op":"and","rules":[{"field":"email","op":"eq","value":"ANA@example.com"},{"field":"email","op":"neq","value":"diana@example.com"}]}', 1, 1);
            INSERT INTO lists (name, created_at) VALUES ('ana@example.com', 1)
            """);

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, "/api/v1/contacts/1?erase=true"));

        await using var db = _app.Database();
        var segment = await db.Segments.SingleAsync();
        Assert.Equal(
            ("Just erased", """{"op":"and","rules":[{"field":"email","op":"eq","value":"erased"},{"field":"email","op":"neq","value":"diana@example.com"}]}""", "erased"),
            (segment.Name, segment.Rule, (await db.Lists.SingleAsync()).Name));
    }

    [Fact]
    public async Task The_list_of_contacts_is_narrowed_to_a_list()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");
        for (var i = 1; i <= 5; i++)
        {
            await _app.AddAsync($"{i}", $"person{i}@example.com");
        }

        await StatusAsync(HttpMethod.Put, $"{Path}/lst_1/contacts/2");
        await StatusAsync(HttpMethod.Put, $"{Path}/lst_1/contacts/4");

        Assert.Equal(["person2@example.com", "person4@example.com"], (await _app.AllAsync("list_id=lst_1&sort=email")).Emails());
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/contacts?list_id=lst_7", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/contacts?list_id=lst_1&segment_id=seg_1", null, 422);
    }

    [Fact]
    public async Task Everybody_in_a_file_is_put_on_a_list()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Fair"}""");
        await _app.AddAsync("1", "ana@example.com");
        await _app.AddAsync("9", "gone@example.com");
        await StatusAsync(HttpMethod.Delete, "/api/v1/contacts/9?erase=true");

        var form = new MultipartFormDataContent
        {
            { new StringContent("lst_1"), "list_id" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes("email,customer_id\nana@example.com,1\nbob@example.com,2\nno address,3\ngone@example.com,\nana@example.com,1\n")), "file", "fair.csv" },
        };
        using var answer = await _app.Api.PostAsync("/api/v1/contacts/import", form);
        var job = await _app.FinishedAsync((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["data"]!["job_id"]!);

        Assert.Equal("done 5 1 2 1 1", $"{job["status"]} {job["processed"]} {job["added"]} {job["duplicates"]} {job["suppressed"]} {job["invalid"]}");
        Assert.Equal(["ana@example.com", "bob@example.com"], (await _app.AllAsync("", path: $"{Path}/lst_1/contacts")).Emails());
        using var wrong = new StringContent("email\nana@example.com\n", Encoding.UTF8, "text/csv");
        using var refused = await _app.Api.PostAsync("/api/v1/contacts/import?list_id=lst_7", wrong);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task A_list_somebody_goes_by_is_not_removed()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");
        await _app.SqlAsync("""
            INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('Readers', '{"op":"and","rules":[{"list":"lst_1","in":true}]}', 1, 1);
            INSERT INTO journeys (name, status, definition, created_at, updated_at) VALUES ('Welcome', 'draft', '{"steps":[{"id":"a","type":"add_to_list","list_id":"lst_1","next":null}]}', 1, 1)
            """);

        var problem = await _app.RefusedAsync(HttpMethod.Delete, $"{Path}/lst_1", null, 409);

        Assert.Equal("The list is used by the segment “Readers”, the journey “Welcome”.", (string)problem["detail"]!);
        await _app.SqlAsync("DELETE FROM segments; UPDATE journeys SET status = 'archived'");
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/lst_1"));
    }

    [Fact]
    public async Task A_key_needs_the_scope()
    {
        await _app.PostCreatedAsync(Path, """{"name":"Newsletter"}""");
        await _app.AddAsync("1", "ana@example.com");
        using var reader = await ClientAsync(Scopes.ContactsRead);
        using var other = await ClientAsync(Scopes.CampaignsRead);
        using var anonymous = _app.Anonymous();

        foreach (var (path, method, write) in ((string, HttpMethod, bool)[])
        [
            (Path, HttpMethod.Get, false), ($"{Path}/lst_1", HttpMethod.Get, false), ($"{Path}/lst_1/contacts", HttpMethod.Get, false), ("/api/v1/contacts/1/lists", HttpMethod.Get, false),
            (Path, HttpMethod.Post, true), ($"{Path}/lst_1", HttpMethod.Patch, true), ($"{Path}/lst_1", HttpMethod.Delete, true), ($"{Path}/lst_1/contacts/1", HttpMethod.Put, true), ($"{Path}/lst_1/contacts/1", HttpMethod.Delete, true),
        ])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusOf(anonymous, method, path));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusOf(other, method, path));
            Assert.Equal(write ? HttpStatusCode.Forbidden : HttpStatusCode.OK, await StatusOf(reader, method, path));
        }

        static async Task<HttpStatusCode> StatusOf(HttpClient client, HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, path);
            if (method == HttpMethod.Post || method == HttpMethod.Patch)
            {
                request.Content = new StringContent("""{"name":"x"}""", Encoding.UTF8, "application/json");
            }

            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    private async Task<HttpClient> ClientAsync(string scope)
    {
        var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", await _app.GivenKeyAsync(scope));
        return client;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path)
    {
        using var answer = await _app.RawAsync(method, path, null);
        return answer.StatusCode;
    }
}
