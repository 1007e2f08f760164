using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Settings;

public sealed class SettingsEndpointTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name()
    {
        Assert.Equal("""{"data":{"name":"Acme","time_zone":"Asia/Kolkata","ignored_networks":[],"honeypot":false,"score_half_life_days":30,"score_weights":{"open":1,"click":5,"reply":20},"score_rebuild":null,"tracking_mode":"individual","unknown_consent":"granted","soft_bounce_limit":5,"pause_complaints_percent":0.3,"pause_complaints_after":500,"pause_hard_bounces_percent":5,"pause_hard_bounces_after":200}}""", await OkAsync("""{"name":" Acme ","time_zone":"Asia/Kolkata"}"""));
        Assert.Equal("""{"data":{"name":"Acme & Sons","time_zone":"Asia/Kolkata","ignored_networks":[],"honeypot":false,"score_half_life_days":30,"score_weights":{"open":1,"click":5,"reply":20},"score_rebuild":null,"tracking_mode":"individual","unknown_consent":"granted","soft_bounce_limit":5,"pause_complaints_percent":0.3,"pause_complaints_after":500,"pause_hard_bounces_percent":5,"pause_hard_bounces_after":200}}""", await OkAsync("""{"name":"Acme & Sons"}"""));
        Assert.Equal("""{"data":{"name":"Acme & Sons","time_zone":"UTC","ignored_networks":[],"honeypot":false,"score_half_life_days":30,"score_weights":{"open":1,"click":5,"reply":20},"score_rebuild":null,"tracking_mode":"individual","unknown_consent":"granted","soft_bounce_limit":5,"pause_complaints_percent":0.3,"pause_complaints_after":500,"pause_hard_bounces_percent":5,"pause_hard_bounces_after":200}}""", await OkAsync("""{"time_zone":"UTC"}"""));
        Assert.Equal("""{"data":{"name":"Acme & Sons","time_zone":"UTC","ignored_networks":[],"honeypot":false,"score_half_life_days":30,"score_weights":{"open":1,"click":5,"reply":20},"score_rebuild":null,"tracking_mode":"individual","unknown_consent":"granted","soft_bounce_limit":5,"pause_complaints_percent":0.3,"pause_complaints_after":500,"pause_hard_bounces_percent":5,"pause_hard_bounces_after":200}}""", await OkAsync("{}"));

        var read = await _app.Api.GetFromJsonAsync<JsonNode>("/api/v1/settings", TestContext.Current.CancellationToken);

        Assert.Equal(("Acme & Sons", "UTC"), ((string?)read!["data"]!["name"], (string?)read["data"]!["time_zone"]));
    }

    [Theory]
    [InlineData("""{"time_zone":"Mars/Olympus"}""", 422, "time_zone")]
    [InlineData("""{"time_zone":"Eastern Standard Time"}""", 422, "time_zone")]
    [InlineData("""{"name":"   "}""", 422, "name")]
    [InlineData("""{"ignored_networks":["203.0.113.0/24","","nowhere"]}""", 422, "ignored_networks[2]")]
    [InlineData("""{"name":"Other","ignored_networks":["0.0.0.0/0"]}""", 422, "ignored_networks[0]")]
    [InlineData("""{"ignored_networks":"203.0.113.0/24"}""", 400, "ignored_networks")]
    [InlineData("""{"honeypot":"yes"}""", 400, "honeypot")]
    [InlineData("""{"score_half_life_days":0.5}""", 422, "score_half_life_days")]
    [InlineData("""{"name":"Other","score_half_life_days":3651}""", 422, "score_half_life_days")]
    [InlineData("""{"score_half_life_days":"thirty"}""", 400, "score_half_life_days")]
    [InlineData("""{"score_weights":{"click":-1}}""", 422, "score_weights.click")]
    [InlineData("""{"score_weights":{"open":1001}}""", 422, "score_weights.open")]
    [InlineData("""{"score_weights":{"reply":1e400}}""", 422, "score_weights.reply")]
    [InlineData("""{"score_weights":{"open":0,"click":0,"reply":0}}""", 422, "score_weights")]
    [InlineData("""{"score_weights":{"bounce":3}}""", 400, "score_weights.bounce")]
    [InlineData("""{"score_weights":5}""", 400, "score_weights")]
    [InlineData("""{"score_rebuild":null}""", 400, "score_rebuild")]
    [InlineData("""{"name":"Other","tracking_mode":"Aggregate"}""", 422, "tracking_mode")]
    [InlineData("""{"tracking_mode":"2"}""", 422, "tracking_mode")]
    [InlineData("""{"tracking_mode":true}""", 400, "tracking_mode")]
    [InlineData("""{"tracking_mode":"off","unknown_consent":"unknown"}""", 422, "unknown_consent")]
    [InlineData("""{"soft_bounce_limit":1}""", 422, "soft_bounce_limit")]
    [InlineData("""{"pause_complaints_percent":-0.1}""", 422, "pause_complaints_percent")]
    [InlineData("""{"pause_complaints_after":0}""", 422, "pause_complaints_after")]
    [InlineData("""{"pause_hard_bounces_percent":101}""", 422, "pause_hard_bounces_percent")]
    [InlineData("""{"pause_hard_bounces_after":1000001}""", 422, "pause_hard_bounces_after")]
    [InlineData("""{"pause_hard_bounces_after":"many"}""", 400, "pause_hard_bounces_after")]
    [InlineData("""{"soft_bounce_limit":51}""", 422, "soft_bounce_limit")]
    [InlineData("""{"soft_bounce_limit":"many"}""", 400, "soft_bounce_limit")]
    [InlineData("""{"name":7}""", 400, "name")]
    [InlineData("""{"colour":"red"}""", 400, "colour")]
    public async Task A_change_that_cannot_be_made_names_its_field_and_changes_nothing(string body, int status, string field)
    {
        var before = await _app.Api.GetStringAsync("/api/v1/settings", TestContext.Current.CancellationToken);

        var response = await PatchAsync(body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.NotNull(problem!["errors"]![field]);
        Assert.Equal(before, await _app.Api.GetStringAsync("/api/v1/settings", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_name_has_at_most_a_hundred_characters()
    {
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync($$"""{"name":"{{new string('x', 100)}}"}""")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PatchAsync($$"""{"name":"{{new string('x', 101)}}"}""")).StatusCode);
    }

    [Fact]
    public async Task Networks_are_kept_in_their_shortest_form_and_an_empty_list_ignores_nobody()
    {
        Assert.Contains("""
            "ignored_networks":["203.0.113.0/24","2001:db8::/48","198.51.100.4"],"honeypot":true
            """, await OkAsync("""{"ignored_networks":["203.0.113.9/24","2001:db8::1/48"," 198.51.100.4 ","203.0.113.0/24"],"honeypot":true}"""), StringComparison.Ordinal);
        Assert.Contains("\"ignored_networks\":[],\"honeypot\":true", await OkAsync("""{"ignored_networks":[]}"""), StringComparison.Ordinal);
        Assert.Contains("\"honeypot\":false", await OkAsync("""{"honeypot":false}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task How_far_people_are_tracked_is_the_organizations_choice()
    {
        Assert.Contains("\"tracking_mode\":\"aggregate\",\"unknown_consent\":\"denied\"", await OkAsync("""{"tracking_mode":"aggregate","unknown_consent":"denied"}"""), StringComparison.Ordinal);
        Assert.Contains("\"tracking_mode\":\"off\",\"unknown_consent\":\"denied\"", await OkAsync("""{"tracking_mode":"off"}"""), StringComparison.Ordinal);
        Assert.Contains("\"tracking_mode\":\"individual\",\"unknown_consent\":\"granted\"", await OkAsync("""{"tracking_mode":"individual","unknown_consent":"granted"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_need_a_key() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await _app.Anonymous().GetAsync("/api/v1/settings", TestContext.Current.CancellationToken)).StatusCode);

    private async Task<string> OkAsync(string body)
    {
        var response = await PatchAsync(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!
            .ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private Task<HttpResponseMessage> PatchAsync(string body) =>
        _app.Api.PatchAsync("/api/v1/settings", new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
}
