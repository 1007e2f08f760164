using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Reports;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ExportTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task Both_files_of_both_lists_hold_every_row_once_with_the_filters_of_the_screen()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 300);
        await using var db = App.Database();
        var states = await db.MessageStates.Where(s => s.CampaignId == campaign.Id).OrderBy(s => s.MessageId).ToListAsync();
        var events = await db.Events.Where(e => e.CampaignId == campaign.Id).OrderByDescending(e => e.Id).Select(e => new { e.Id, e.Type, e.Verdict }).ToListAsync();

        foreach (var (query, expected) in new[]
        {
            ("", states),
            ("?status=has_opened", states.FindAll(s => s.OpenedAt > 0)),
            ("?status=sent&variant=v1", states.FindAll(s => s.Status == MessageStatus.Sent && s.Variant == 1)),
            ("?status=not_opened&sort=-last_event", states.FindAll(s => s.OpenedAt == 0)),
        })
        {
            var ids = expected.Select(s => $"msg_{s.MessageId}");

            Assert.Equal(ids, (await App.CsvAsync(campaign.Id, "recipients", query)).Select(row => row["message_id"]));
            Assert.Equal(ids, (await App.NdjsonAsync(campaign.Id, "recipients", query)).Select(row => row.GetProperty("message_id").GetString()));
        }

        foreach (var (query, type, verdict) in new (string, EventType?, Verdict?)[] { ("", null, null), ("?type=opened", EventType.Opened, null), ("?verdict=privacy", null, Verdict.Privacy) })
        {
            var ids = events.Where(e => (type is null || e.Type == type) && (verdict is null || e.Verdict == verdict)).Select(e => $"evt_{e.Id}").ToList();

            Assert.NotEmpty(ids);
            Assert.Equal(ids, (await App.CsvAsync(campaign.Id, "events", query)).Select(row => row["id"]));
            Assert.Equal(ids, (await App.NdjsonAsync(campaign.Id, "events", query)).Select(row => row.GetProperty("id").GetString()));
        }
    }

    [Fact]
    public async Task A_recipient_in_NDJSON_is_the_recipient_of_the_API()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 60);
        var listed = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/cmp_{campaign.Id}/report/recipients?limit=100")).GetProperty("data").EnumerateArray().ToList();

        var exported = await App.NdjsonAsync(campaign.Id, "recipients", "");

        Assert.Equal(listed.Count, exported.Count);
        foreach (var (a, b) in listed.Zip(exported))
        {
            Assert.True(JsonElement.DeepEquals(Sorted(a), Sorted(b)), $"{a}\n{b}");
        }

        static JsonElement Sorted(JsonElement row) => JsonSerializer.SerializeToElement(row.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal).ToDictionary(member => member.Name, member => member.Value));
    }

    [Fact]
    public async Task Every_time_stands_twice_in_UTC_and_in_the_organizations_zone()
    {
        await using var app = new TestApp();
        await app.Services.GetRequiredService<OrganizationSettings>().ChangeAsync(null, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kathmandu"), CancellationToken.None);
        var campaign = await app.GivenCampaignAsync();
        var message = await app.GivenMessageAsync(campaign);
        await app.StoreAsync(Some.Event(message, EventType.Sent, TimeSpan.FromMilliseconds(7)));

        var row = Assert.Single(ExportFiles.Read(await app.Api.GetByteArrayAsync($"/api/v1/campaigns/cmp_{campaign}/report/recipients.csv")));
        var logged = Assert.Single(ExportFiles.Read(await app.Api.GetByteArrayAsync($"/api/v1/campaigns/cmp_{campaign}/report/events.csv")));

        Assert.Equal(("2026-09-01T12:00:00.007Z", "2026-09-01T17:45:00.007+05:45"), (row["sent_at"], row["sent_at_local"]));
        Assert.Equal(("", ""), (row["opened_at"], row["opened_at_local"]));
        Assert.Equal(("2026-09-01T12:00:00.007Z", "2026-09-01T17:45:00.007+05:45"), (logged["occurred_at"], logged["occurred_at_local"]));
        Assert.Equal("2026-10-01T12:00:00Z", logged["received_at"]);
    }

    [Theory]
    [InlineData("=")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("@")]
    [InlineData("\t")]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("＝")]
    [InlineData("＋")]
    [InlineData("－")]
    [InlineData("＠")]
    public async Task No_text_of_anybody_becomes_a_formula_and_NDJSON_keeps_it_as_it_is(string lead)
    {
        var hostile = lead + "cmd|' /C calc'!A0,\"x\"\r\nß";
        var campaign = await HostileAsync(hostile);

        foreach (var (list, columns) in new[]
        {
            ("recipients", new[] { "email", "customer_id", "variant" }),
            ("events", ["customer_id", "customer_email", "url", "link_label", "reason", "user_agent", "esp_message_id", "event_id"]),
        })
        {
            var csv = Assert.Single(await App.CsvAsync(campaign, list, ""));
            var json = Assert.Single(await App.NdjsonAsync(campaign, list, ""));
            foreach (var column in columns)
            {
                Assert.Equal("'" + hostile, csv[column]);
                Assert.Equal(hostile, json.GetProperty(column).GetString());
            }

            Assert.DoesNotContain(csv.Values, cell => cell.Length > 0 && "=+-@\t\r\n＝＋－＠".Contains(cell[0], StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData(" spaced ")]
    [InlineData("comma, and \"quotes\"")]
    [InlineData("two\r\nlines")]
    [InlineData("semi;colon|pipe%percent")]
    [InlineData("日本語 🎉 é")]
    [InlineData("'apostrophe")]
    public async Task Every_other_text_comes_back_as_it_went_in(string text)
    {
        var campaign = await HostileAsync(text);

        var recipient = Assert.Single(await App.CsvAsync(campaign, "recipients", ""));
        var logged = Assert.Single(await App.CsvAsync(campaign, "events", ""));

        Assert.Equal((text, text), (recipient["email"], recipient["customer_id"]));
        Assert.Equal((text, text, text), (logged["link_label"], logged["reason"], logged["user_agent"]));
        Assert.Equal(text, Assert.Single(await App.NdjsonAsync(campaign, "events", "")).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("Frühling \"2026\"\r\nSet-Cookie: a=b", "fruhling-2026-set-cookie-a-b-recipients-2026-09-01.csv")]
    [InlineData("../../etc/passwd", "etc-passwd-recipients-2026-09-01.csv")]
    [InlineData("秋のセール", "recipients-2026-09-01.csv")]
    public async Task A_file_is_named_so_that_every_system_can_keep_it(string campaignName, string file)
    {
        App.Clock.Set(Some.Noon);
        var campaign = await App.GivenCampaignAsync();
        await using var db = App.Database();
        await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.Name, campaignName));

        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign}/report/recipients.csv", UriKind.Relative));

        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(file, answer.Content.Headers.ContentDisposition?.FileName);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task People_take_the_same_files_from_their_page_if_they_may_see_addresses()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 20);
        var path = $"/campaigns/cmp_{campaign.Id}/report/recipients.csv?status=has_opened";
        using var admin = await Visitor.SignedInAsync(App);
        using var made = await App.Api.PostAsJsonAsync("/api/v1/users", new { email = "vera@example.com", role = Roles.Viewer, password = "purple kettle on a roof" });
        using var viewer = await Visitor.SignedInAsync(App, "vera@example.com", "purple kettle on a roof");
        using var stranger = App.Anonymous();

        var bytes = await admin.Client.GetByteArrayAsync(path);

        Assert.True(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble), "spreadsheets need the mark to read UTF-8");
        Assert.Equal(Encoding.UTF8.GetString(await App.Api.GetByteArrayAsync($"/api/v1{path}")), Encoding.UTF8.GetString(bytes.AsSpan(3)));
        Assert.Equal(HttpStatusCode.Forbidden, await viewer.StatusAsync(path));
        using var sent = await stranger.GetAsync(path);
        Assert.Equal(HttpStatusCode.Redirect, sent.StatusCode);
    }

    [Theory]
    [InlineData("recipients.csv?status=exploded", HttpStatusCode.UnprocessableEntity)]
    [InlineData("recipients.ndjson?variant=v7", HttpStatusCode.UnprocessableEntity)]
    [InlineData("recipients.csv?link_id=lnk_99999999", HttpStatusCode.UnprocessableEntity)]
    [InlineData("events.csv?type=exploded", HttpStatusCode.UnprocessableEntity)]
    [InlineData("events.ndjson?verdict=angel", HttpStatusCode.UnprocessableEntity)]
    [InlineData("events.csv?from=2026-09-02T00:00:00Z&to=2026-09-01T00:00:00Z", HttpStatusCode.UnprocessableEntity)]
    [InlineData("events.csv?watch=abc", HttpStatusCode.BadRequest)]
    [InlineData("events.xml", HttpStatusCode.NotFound)]
    public async Task An_export_that_makes_no_sense_is_a_problem_and_no_file(string file, HttpStatusCode expected)
    {
        var campaign = await App.GivenCampaignAsync();

        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign}/report/{file}", UriKind.Relative));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Null(answer.Content.Headers.ContentDisposition);
    }

    [Fact]
    public async Task More_rows_than_fit_in_memory_come_in_chunks_and_a_page_can_watch_them()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 11_000, events: false);
        await App.StoreAsync([.. campaign.Messages.Select(message => Some.Event(message, EventType.Sent))]);
        var exports = App.Services.GetRequiredService<Exports>();
        var watch = exports.Expect();
        var seen = new List<ExportProgress>();
        using var watching = App.Services.GetRequiredService<LiveUpdates>().Subscribe(LiveTopic.Export(watch), () => seen.Add(exports.Find(watch)!));

        var rows = await App.CsvAsync(campaign.Id, "recipients", $"?watch={watch}");

        Assert.Equal(campaign.Messages.Select(id => $"msg_{id}"), rows.Select(row => row["message_id"]));
        Assert.Equal([0, 5_000, 10_000, 11_000, 11_000], seen.Select(progress => progress.Rows));
        Assert.All(seen, progress => Assert.Equal(11_000, progress.Total));
        Assert.Equal(ExportState.Done, seen[^1].State);
        exports.Forget(watch);
        Assert.Null(exports.Find(watch));
    }

    [Fact]
    public async Task An_export_whose_reader_leaves_stops_and_says_so()
    {
        var campaign = await BusyCampaign.MakeAsync(App, 5_001, events: false);
        var exports = App.Services.GetRequiredService<Exports>();
        var watch = exports.Expect();
        await using var file = new CutStream();

        Assert.True(exports.TryEnter());
        await Assert.ThrowsAsync<IOException>(() => exports.RunAsync(
            "recipients",
            connection => new RecipientsExport(connection, campaign.Id, RecipientFilter.Any),
            columns => new NdjsonExportFile(columns),
            file,
            watch,
            null,
            CancellationToken.None));

        Assert.Equal(new ExportProgress(ExportState.Stopped, 0, null), exports.Find(watch));
    }

    [Fact]
    public async Task Exports_beyond_the_limit_are_asked_to_wait()
    {
        var campaign = await App.GivenCampaignAsync();
        var exports = App.Services.GetRequiredService<Exports>();
        var entered = Enumerable.Range(0, Exports.MaxRunning).Count(_ => exports.TryEnter());

        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/campaigns/cmp_{campaign}/report/events.csv", UriKind.Relative));
        for (var i = 0; i < entered; i++)
        {
            await exports.RunAsync("", connection => new EventLogExport(connection, new(campaign, null, null, null, null, null, null)), columns => new NdjsonExportFile(columns), Stream.Null, 0, null, CancellationToken.None);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.True(answer.Headers.Contains("Retry-After"));
        Assert.Empty(await App.CsvAsync(campaign, "events", ""));
    }

    [Fact]
    public void A_small_table_is_escaped_alike()
    {
        var file = Assert.IsType<Microsoft.AspNetCore.Http.HttpResults.FileContentHttpResult>(CsvTable.File(
            CsvTable.FileName("Spring", "links.csv"), ["url", "clicks", "at", "none"], [["=1+1", -5L, Some.Noon, null], ["a,b", 2.5, null, true]], forPeople: false));

        Assert.Equal("spring-links.csv", file.FileDownloadName);
        Assert.Equal("url,clicks,at,none\r\n\"'=1+1\",-5,2026-09-01T12:00:00Z,\r\n\"a,b\",2.5,,true\r\n", Encoding.UTF8.GetString(file.FileContents.Span));
    }

    // One recipient and one event whose every text is this.
    private async Task<long> HostileAsync(string text)
    {
        var campaign = await App.GivenCampaignAsync();
        var message = await App.GivenMessageAsync(campaign);
        var link = await App.GivenLinkAsync(campaign);
        await App.StoreAsync(Some.Event(message, EventType.Clicked, linkId: link, key: text + Guid.NewGuid(), userAgent: text) with { Reason = text });
        await using var db = App.Database();
        await db.Variants.Where(v => v.CampaignId == campaign).ExecuteUpdateAsync(set => set.SetProperty(v => v.Key, text));
        await db.Links.Where(l => l.Id == link).ExecuteUpdateAsync(set => set.SetProperty(l => l.Label, text).SetProperty(l => l.Url, text));
        await db.Messages.Where(m => m.Id == message).ExecuteUpdateAsync(set => set.SetProperty(m => m.Email, text).SetProperty(m => m.EspMessageId, text));
        await db.Contacts.Where(c => c.CustomerId == text).ExecuteUpdateAsync(set => set.SetProperty(c => c.CustomerId, (string?)null));
        await db.Contacts.Where(c => db.Messages.Any(m => m.Id == message && m.ContactId == c.Id)).ExecuteUpdateAsync(set => set.SetProperty(c => c.CustomerId, text));
        await db.Events.Where(e => e.MessageId == message).ExecuteUpdateAsync(set => set.SetProperty(e => e.Detail, JsonSerializer.Serialize(new { source_key = text, reason = text, metadata = new { own = text } })));
        return campaign;
    }

    /// <summary>A connection whose other end has gone.</summary>
    private sealed class CutStream : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("gone");
    }
}
