using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class CampaignInputTests(CampaignInputTests.Server server) : IClassFixture<CampaignInputTests.Server>
{
    private const string Campaigns = "/api/v1/campaigns";

    public sealed class Server : IAsyncDisposable
    {
        public TestApp App { get; } = new();

        public async ValueTask DisposeAsync() => await App.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"nme":"x"}""", "nme")]
    [InlineData("""{"name":5}""", "name")]
    [InlineData("""{"from":"a@b.c"}""", "from")]
    [InlineData("""{"content":{"htm":""}}""", "content.htm")]
    [InlineData("""{"ab_test":{"factors":[{"field":"subject","levels":"x"}]}}""", "ab_test.factors[0].levels")]
    [InlineData("""{"track_opens":"yes"}""", "track_opens")]
    [InlineData("""{"topics":"Offers"}""", "topics")]
    [InlineData("""{"topics":["Offers",7]}""", "topics[1]")]
    public async Task What_cannot_be_read_names_the_member(string body, string member)
    {
        var problem = await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body, 400);

        Assert.Equal([member], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("""{"name":"\ud800"}""")]
    public async Task What_is_no_object_is_refused(string body)
    {
        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body, 400);

        var id = await server.App.GivenDraftAsync();
        await server.App.RefusedAsync(HttpMethod.Patch, $"{Campaigns}/{id}", body, 400);
    }

    [Theory]
    [InlineData("name", "null", "name")]
    [InlineData("name", "\"  \"", "name")]
    [InlineData("name", "\"a\\u0007b\"", "name")]
    [InlineData("from", "null", "from")]
    [InlineData("from", "{\"email\":\"Acme <news@acme.com>\"}", "from.email")]
    [InlineData("from", "{\"email\":\"news@acme.com\",\"name\":\"a\\r\\nBcc: x@y.zz\"}", "from.name")]
    [InlineData("reply_to", "\"nobody\"", "reply_to")]
    [InlineData("delivery", "\"pigeon\"", "delivery")]
    [InlineData("delivery", "\"smtp\"", "connection_id")]
    [InlineData("connection_id", "\"con_1\"", "connection_id")]
    [InlineData("topics", "[\"Offers\",null]", "topics[1]")]
    [InlineData("topics", "[\" \"]", "topics[0]")]
    [InlineData("topics", "[\"Offers, Events\"]", "topics[0]")]
    [InlineData("topics", "[\"Offers\",\"Events\",\" offers \"]", "topics[2]")]
    [InlineData("topics", "[\"a\\u0000b\"]", "topics[0]")]
    [InlineData("topics", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\"]", "topics")]
    [InlineData("topics", "[\"0123456789012345678901234567890123456789012345678901234567890\"]", "topics[0]")]
    [InlineData("content", "{\"subject\":\"a\\nb\"}", "content.subject")]
    [InlineData("content", "{\"html\":\"<p>\\u0000</p>\"}", "content.html")]
    [InlineData("content", "{\"html\":\"<a href='http://localhost:8080/c/abc'>x</a>\"}", "content.html")]
    public async Task What_makes_no_sense_names_the_field(string member, string value, string field)
    {
        var body = CampaignApi.Campaign();
        body[member] = JsonNode.Parse(value);

        var problem = await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body.ToJsonString(), 422);

        Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("""{"factors":[]}""", "ab_test.factors")]
    [InlineData("""{"factors":null}""", "ab_test.factors")]
    [InlineData("""{"factors":[{"field":"color","levels":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}]}""", "ab_test.factors[0].field")]
    [InlineData("""{"factors":[{"field":"subject","levels":[{"key":"a","value":"1"}]}]}""", "ab_test.factors[0].levels")]
    [InlineData("""{"factors":[{"field":"subject","levels":[{"key":"a","value":"1"},{"key":"a","value":"2"}]}]}""", "ab_test.factors[0].levels[1].key")]
    [InlineData("""{"factors":[{"field":"subject","levels":[{"key":"A.b","value":"1"},{"key":"b","value":"2"}]}]}""", "ab_test.factors[0].levels[0].key")]
    [InlineData("""{"factors":[{"field":"subject","levels":[{"key":"a","value":""},{"key":"b","value":"2"}]}]}""", "ab_test.factors[0].levels[0].value")]
    [InlineData("""{"factors":[{"field":"subject","levels":[null,{"key":"b","value":"2"}]}]}""", "ab_test.factors[0].levels[0].key")]
    [InlineData("""{"factors":[FACTOR,FACTOR]}""", "ab_test.factors[1].field")]
    [InlineData("""{"factors":[FACTOR],"distribution":"fair"}""", "ab_test.distribution")]
    [InlineData("""{"factors":[FACTOR],"distribution":"weighted"}""", "ab_test.weights")]
    [InlineData("""{"factors":[FACTOR],"distribution":"weighted","weights":[0.5,0.3,0.2]}""", "ab_test.weights")]
    [InlineData("""{"factors":[FACTOR],"distribution":"weighted","weights":[0.5,0.4]}""", "ab_test.weights")]
    [InlineData("""{"factors":[FACTOR],"distribution":"weighted","weights":[1.5,-0.5]}""", "ab_test.weights")]
    [InlineData("""{"factors":[FACTOR],"weights":[0.5,0.5]}""", "ab_test.weights")]
    [InlineData("""{"factors":[FACTOR],"sample_percent":0}""", "ab_test.sample_percent")]
    [InlineData("""{"factors":[FACTOR],"sample_percent":101}""", "ab_test.sample_percent")]
    [InlineData("""{"factors":[FACTOR],"winner":{"mode":"magic"}}""", "ab_test.winner.mode")]
    [InlineData("""{"factors":[FACTOR],"winner":{"metric":"revenue"}}""", "ab_test.winner.metric")]
    [InlineData("""{"factors":[FACTOR],"winner":{"min_probability":2}}""", "ab_test.winner.min_probability")]
    [InlineData("""{"factors":[FACTOR],"winner":{"after_hours":-1}}""", "ab_test.winner.after_hours")]
    [InlineData("""{"factors":[FACTOR],"winner":{"min_per_variant":0}}""", "ab_test.winner.min_per_variant")]
    public async Task A_test_that_makes_no_sense_names_the_field(string test, string field)
    {
        var body = CampaignApi.Campaign();
        body["ab_test"] = JsonNode.Parse(test.Replace("FACTOR", """{"field":"subject","levels":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}""", StringComparison.Ordinal));

        var problem = await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body.ToJsonString(), 422);

        Assert.Contains(field, problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task Five_factors_and_fifty_one_variants_are_too_many()
    {
        var four = Test(("subject", 5), ("html", 5), ("from_name", 2), ("preheader", 1));
        var many = Test(("subject", 3), ("html", 17));
        var five = Test(("subject", 2), ("html", 2), ("from_name", 2), ("preheader", 2), ("subject", 2));
        var fifty = Test(("subject", 5), ("html", 5), ("from_name", 2));

        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, four, 422);
        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, many, 422);
        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, five, 422);
        var made = await server.App.SendAsync(HttpMethod.Post, Campaigns, JsonNode.Parse(fifty), HttpStatusCode.Created);
        Assert.Equal(50, made["variants"]!.AsArray().Count);
    }

    [Fact]
    public async Task Weights_are_kept_as_shares()
    {
        var body = CampaignApi.Campaign();
        body["ab_test"] = JsonNode.Parse("""{"factors":[{"field":"subject","levels":[{"key":"a","value":"1"},{"key":"b","value":"2"}]}],"distribution":"weighted","weights":[0.9,0.1]}""");

        var made = await server.App.SendAsync(HttpMethod.Post, Campaigns, body, HttpStatusCode.Created);

        Assert.Equal([0.9, 0.1], made["variants"]!.AsArray().Select(v => (double)v!["weight"]!));
    }

    [Fact]
    public async Task Five_megabytes_of_html_are_taken_and_more_is_refused()
    {
        var body = CampaignApi.Campaign();
        body["content"]!["html"] = "<p>" + new string('x', (5 * 1024 * 1024) - 7) + "</p>";
        await server.App.GivenDraftAsync(body);

        body["content"]!["html"] = (string)body["content"]!["html"]! + "<p>";
        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body.ToJsonString(), 422);

        body["content"]!["html"] = new string('x', 10 * 1024 * 1024);
        await server.App.RefusedAsync(HttpMethod.Post, Campaigns, body.ToJsonString(), 413);
    }

    [Theory]
    [InlineData("limit=0", 422)]
    [InlineData("limit=501", 422)]
    [InlineData("limit=x", 400)]
    [InlineData("status=happy", 422)]
    [InlineData("sort=name", 422)]
    [InlineData("cursor=%21", 400)]
    [InlineData("cursor=ZXZlbnRzOjEsMg", 400)]
    public async Task A_list_refuses_what_it_does_not_offer(string query, int status) =>
        await server.App.RefusedAsync(HttpMethod.Get, $"{Campaigns}?{query}", null, status);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"recipients":[]}""")]
    [InlineData("""{"recipients":null}""")]
    public async Task No_recipients_make_no_sense(string body)
    {
        var id = await server.App.GivenDraftAsync();

        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/recipients", body, 422);
        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument/batch", body, 422);
    }

    [Theory]
    [InlineData("recipients", 5001)]
    [InlineData("instrument/batch", 1001)]
    public async Task Too_many_recipients_at_once_are_refused(string path, int count)
    {
        var id = await server.App.GivenDraftAsync();
        var body = CampaignApi.Recipients(Enumerable.Range(0, count).Select(CampaignApi.Recipient)).ToJsonString();

        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/{path}", body, 422);
    }

    [Theory]
    [InlineData("""{"recipients":[{"email":"a@example.com","phone":"1"}]}""", 400)]
    [InlineData("""{"recipients":[{"email":7}]}""", 400)]
    [InlineData("""{"recipients":{}}""", 400)]
    [InlineData("""{"recipient":[]}""", 400)]
    public async Task Recipients_of_another_shape_are_refused(string body, int status)
    {
        var id = await server.App.GivenDraftAsync();

        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/recipients", body, status);
        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument/batch", body, status);
        await server.App.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument", body, 400);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_done()
    {
        using var anonymous = server.App.Anonymous();

        using var response = await anonymous.PostAsync(Campaigns, new StringContent(CampaignApi.Campaign().ToJsonString(), null, "application/json"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Another_content_type_is_answered_as_such()
    {
        using var response = await server.App.Api.PostAsync(Campaigns, new StringContent("name=x", null, "text/plain"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private static string Test(params (string Field, int Levels)[] factors)
    {
        var body = CampaignApi.Campaign();
        body["ab_test"] = new JsonObject
        {
            ["factors"] = new JsonArray([.. factors.Select(factor => new JsonObject
            {
                ["field"] = factor.Field,
                ["levels"] = new JsonArray([.. Enumerable.Range(0, factor.Levels).Select(level => new JsonObject { ["key"] = $"l{level}", ["value"] = $"<p>{level}</p>" })]),
            })]),
        };
        return body.ToJsonString();
    }
}
