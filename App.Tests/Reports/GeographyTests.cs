using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class GeographyTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Countries_stand_by_messages_and_what_is_not_known_has_rows_of_its_own_at_the_end()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await OpensAsync(campaign, Dimension.Country, "", 50, 40);
        await OpensAsync(campaign, Dimension.Country, "FR", 12, 10);
        await OpensAsync(campaign, Dimension.Country, Dimension.Proxied, 70, 30);
        await OpensAsync(campaign, Dimension.Country, "DE", 25, 20);
        await campaign.CountAsync(Dimension.Country, "US", EventType.Clicked, VerdictGroup.Person, 9, 9);

        var answer = await GetAsync(campaign, "?event=open&by=country");

        Assert.Equal(
            [
                """{"code":"DE","name":"Germany","region":"","messages":20,"events":25,"share":{"numerator":20,"denominator":100,"rate":0.2}}""",
                """{"code":"FR","name":"France","region":"","messages":10,"events":12,"share":{"numerator":10,"denominator":100,"rate":0.1}}""",
                """{"code":"unknown","name":"Unknown","region":"","messages":40,"events":50,"share":{"numerator":40,"denominator":100,"rate":0.4}}""",
                """{"code":"proxied","name":"Unknown (proxied)","region":"","messages":30,"events":70,"share":{"numerator":30,"denominator":100,"rate":0.3}}""",
            ],
            answer["data"]!.AsArray().Select(row => row!.ToJsonString()));
        Assert.Equal(4, (int)answer["count"]!);
        Assert.Equal(answer.ToJsonString(), (await GetAsync(campaign, "")).ToJsonString());
        Assert.Equal("US", (string?)Assert.Single((await GetAsync(campaign, "?event=click"))["data"]!.AsArray())!["code"]);
    }

    [Fact]
    public async Task Cities_of_one_name_are_two_and_a_place_without_city_says_so()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await OpensAsync(campaign, Dimension.City, await PlaceAsync("FR", "Île-de-France", "Paris"), 9, 8);
        await OpensAsync(campaign, Dimension.City, await PlaceAsync("US", "Texas", "Paris"), 5, 5);
        await OpensAsync(campaign, Dimension.City, await PlaceAsync("DE", "Bavaria", ""), 3, 3);
        await OpensAsync(campaign, Dimension.City, await PlaceAsync("DE", "", ""), 2, 2);
        await OpensAsync(campaign, Dimension.City, "0", 1, 1);
        await OpensAsync(campaign, Dimension.City, Dimension.Proxied, 1, 1);

        var rows = (await GetAsync(campaign, "?by=city"))["data"]!.AsArray();

        Assert.Equal(
            ["FR|Paris|Île-de-France", "US|Paris|Texas", "DE|Bavaria, city unknown|Bavaria", "DE|Germany, city unknown|", "unknown|Unknown|", "proxied|Unknown (proxied)|"],
            rows.Select(row => $"{row!["code"]}|{row["name"]}|{row["region"]}"));
    }

    [Fact]
    public async Task Many_cities_are_cut_but_counted_and_shares_are_of_all_of_them()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await using (var db = _app.Database())
        {
            var places = Enumerable.Range(1, HitShares.MaxRows + 20).Select(i => new PlaceRow { Country = "ZZ", Region = $"{campaign.Id}", City = $"C{i}" }).ToList();
            db.AddRange(places);
            await db.SaveChangesAsync(Token);
            db.AddRange(places.Select(place => new Counter
            {
                CampaignId = campaign.Id, Dimension = Dimension.City.Name, Key = $"{place.Id}", Type = EventType.Opened, Verdict = VerdictGroup.Person, Total = 2, Unique = 2,
            }));
            await db.SaveChangesAsync(Token);
        }

        await OpensAsync(campaign, Dimension.City, "0", 1, 1);

        var answer = await GetAsync(campaign, "?by=city");

        Assert.Equal(HitShares.MaxRows + 21, (int)answer["count"]!);
        var rows = answer["data"]!.AsArray();
        Assert.InRange(rows.Count, HitShares.MaxRows, HitShares.MaxRows + 2);
        Assert.Equal("unknown", (string?)rows[^1]!["code"]);
        Assert.Equal(((HitShares.MaxRows + 20) * 2) + 1, (int)rows[0]!["share"]!["denominator"]!);
    }

    [Fact]
    public async Task What_was_taken_back_and_what_machines_did_leave_no_row()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await OpensAsync(campaign, Dimension.Country, "DE", 0, 0);
        await campaign.CountAsync(Dimension.Country, "FR", EventType.Opened, VerdictGroup.Scanner, 5, 0);

        Assert.Equal("""{"data":[],"count":0}""", (await GetAsync(campaign, "")).ToJsonString());
    }

    [Theory]
    [InlineData("?event=opened", "event"), InlineData("?event=", "event"), InlineData("?event=bounce", "event"), InlineData("?by=continent", "by"), InlineData("?by=", "by"), InlineData("?by=Country", "by")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        var answer = await _app.Api.GetAsync(Path($"cmp_{campaign.Id}", query), Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal([field], (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory, InlineData("cmp_99999"), InlineData("x")]
    public async Task A_campaign_that_does_not_exist_is_not_found(string id)
    {
        var answer = await _app.Api.GetAsync(Path(id, ""), Token);

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public void Every_country_has_a_name_and_every_outline_a_country()
    {
        var outlines = XDocument.Load(System.IO.Path.Combine(AppContext.BaseDirectory, "wwwroot-assets", "world.svg")).Descendants()
            .Select(element => (string?)element.Attribute("id")).OfType<string>().Where(id => id != "land").ToList();

        Assert.Equal(250, Countries.Codes.Count());
        Assert.All(Countries.Codes, code => Assert.NotEqual(code, Countries.Name(code)));
        Assert.Empty(outlines.Except(Countries.Codes));
        Assert.Superset(new HashSet<string>(["DE", "FR", "US", "GB", "IN", "BR", "SG", "MT", "XK"]), outlines.ToHashSet());
        Assert.Equal("ZZ", Countries.Name("ZZ"));
    }

    private static Task OpensAsync(CountedCampaign campaign, Dimension dimension, string key, long total, long unique) =>
        campaign.CountAsync(dimension, key, EventType.Opened, VerdictGroup.Person, total, unique);

    private static string Path(string id, string query) => $"/api/v1/campaigns/{id}/report/geo{query}";

    private async Task<string> PlaceAsync(string country, string region, string city)
    {
        await using var db = _app.Database();
        var place = new PlaceRow { Country = country, Region = region, City = city };
        db.Add(place);
        await db.SaveChangesAsync(Token);
        return $"{place.Id}";
    }

    private async Task<JsonNode> GetAsync(CountedCampaign campaign, string query)
    {
        var answer = await _app.Api.GetAsync(Path($"cmp_{campaign.Id}", query), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!;
    }
}
