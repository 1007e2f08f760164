using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

/// <summary>The sections' tables as CSV.</summary>
public sealed class TableFileTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task Every_table_has_a_file_with_the_figures_of_its_section()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 200);
        var report = $"/api/v1/campaigns/cmp_{campaign.Id}/report";

        var links = await LinesAsync($"{report}/links.csv");
        var listed = (await App.Api.GetFromJsonAsync<JsonElement>($"{report}/links")).GetProperty("data");

        Assert.Equal("id,url,label,content,position,total_clicks,unique_clicks,sent,ctr,anonymous_clicks", links[0]);
        Assert.Equal(listed.GetArrayLength() + 1, links.Length);
        Assert.StartsWith($"{listed[0].GetProperty("id").GetString()},https://example.com/", links[1], StringComparison.Ordinal);
        Assert.Contains($",{listed[0].GetProperty("total_clicks").GetInt64()},{listed[0].GetProperty("unique_clicks").GetInt64()},", links[1], StringComparison.Ordinal);
        foreach (var (file, json, head) in new[]
        {
            ("timeline.csv?interval=hour&tz=Asia/Kolkata", "timeline?interval=hour&tz=Asia/Kolkata", "start_utc,start_local,sent,"),
            ("geo.csv", "geo", "code,name,region,messages,events,share"),
            ("geo.csv?by=city&event=click", "geo?by=city&event=click", "code,name,region,messages,events,share"),
            ("clients.csv?by=os", "clients?by=os", "name,messages,events,share"),
            ("providers.csv?opens=confirmed&basis=delivered", "providers?opens=confirmed&basis=delivered", "provider,sent,delivered,"),
        })
        {
            var lines = await LinesAsync($"{report}/{file}");
            var rows = (await App.Api.GetFromJsonAsync<JsonElement>($"{report}/{json}")).GetProperty("data");

            Assert.StartsWith(head, lines[0], StringComparison.Ordinal);
            Assert.True(rows.GetArrayLength() > 0);
            Assert.Equal(rows.GetArrayLength() + 1, lines.Length);
            Assert.All(lines, line => Assert.Equal(lines[0].Count(c => c == ','), line.Count(c => c == ',')));
        }

        Assert.Contains(await LinesAsync($"{report}/timeline.csv?interval=hour&tz=Asia/Kolkata"), line => line.StartsWith("2026-09-01T11:30:00Z,2026-09-01T17:00+05:30,", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Variants_of_a_test_have_a_file_and_a_campaign_without_one_has_it_empty_or_none()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 30);
        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign.Id}/report/variants", UriKind.Relative));

        using var file = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign.Id}/report/variants.csv", UriKind.Relative));

        Assert.Equal(answer.StatusCode, file.StatusCode);
    }

    [Theory]
    [InlineData("timeline.csv?interval=minute")]
    [InlineData("timeline.csv?tz=Mars/Olympus")]
    [InlineData("timeline.csv?from=2026-09-02T00:00:00Z&to=2026-09-01T00:00:00Z")]
    [InlineData("geo.csv?by=street")]
    [InlineData("clients.csv?by=shoe")]
    [InlineData("providers.csv?basis=hope")]
    public async Task A_table_that_makes_no_sense_is_a_problem_and_no_file(string file)
    {
        var campaign = await App.GivenCampaignAsync();
        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign}/report/{file}", UriKind.Relative));
        using var nowhere = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_999999/report/{file[..file.IndexOf('?', StringComparison.Ordinal)]}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.NotFound, nowhere.StatusCode);
    }

    [Fact]
    public async Task Whoever_sees_the_report_takes_its_tables_and_hostile_words_in_them_are_no_formulas()
    {
        var campaign = await App.GivenCampaignAsync();
        await App.GivenLinkAsync(campaign);
        await using var db = App.Database();
        Assert.Equal(1, await db.Links.Where(link => link.CampaignId == campaign).ExecuteUpdateAsync(link => link.SetProperty(l => l.Label, "=HYPERLINK(\"http://evil\")")));
        using var made = await App.Api.PostAsJsonAsync("/api/v1/users", new { email = "vera@example.com", role = "viewer", password = "purple kettle on a roof" });
        using var viewer = await Visitor.SignedInAsync(App, "vera@example.com", "purple kettle on a roof");
        using var stranger = App.Anonymous();

        var bytes = await viewer.Client.GetByteArrayAsync($"/campaigns/cmp_{campaign}/report/links.csv");

        Assert.True(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble));
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil\"\")\"", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        using var refused = await stranger.GetAsync($"/campaigns/cmp_{campaign}/report/links.csv");
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
    }

    private async Task<string[]> LinesAsync(string path) => (await App.Api.GetStringAsync(path)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
}
