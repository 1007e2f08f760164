using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SuppressionFileTests : IAsyncDisposable
{
    private TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Good_double_and_bad_rows_of_a_file_are_told_apart()
    {
        await _app.SuppressAsync("there@example.com", "hard_bounce");

        var job = await _app.FinishedAsync(await _app.ImportSuppressionsAsync(
            "Reason,EMAIL,other\r\nspamtrap,one@example.com,x\r\n,Two@Example.com,\"a,b\"\r\n,THERE@example.com,\r\n,one@example.com,\r\n,no address,\r\n,short@example.com\r\n"));

        Assert.Equal("done 6 6 2 2 2", $"{job["status"]} {job["processed"]} {job["total"]} {job["added"]} {job["duplicates"]} {job["invalid"]}");
        Assert.Null(job["campaign_id"]);
        Assert.Equal("suppressions_import", (string?)job["kind"]);
        Assert.Equal("line,email,error\r\n6,no address,email is not an email address\r\n7,,has not as many columns as the header\r\n", await _app.Api.GetStringAsync((string)job["errors_url"]!));
        await using var db = _app.Database();
        Assert.Equal(
            ["one@example.com import csv_import spamtrap", "there@example.com hard_bounce api ", "two@example.com import csv_import "],
            (await db.Suppressions.OrderBy(s => s.Email).ToListAsync()).Select(s => $"{s.Email} {s.Reason} {s.Source} {s.Note}"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task A_bare_list_of_addresses_needs_no_header()
    {
        var job = await _app.FinishedAsync(await _app.ImportSuppressionsAsync("one@example.com\ntwo@example.com\n\nthree@example.com"));

        Assert.Equal("done 3 3", $"{job["status"]} {job["processed"]} {job["added"]}");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("name,city\na,b\n", "email")]
    [InlineData("ana@example.com,Ana\n", "email")]
    public async Task A_file_without_addresses_is_refused_at_once(string csv, string reason)
    {
        using var response = await _app.UploadSuppressionsAsync(csv);

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, problem);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task What_is_no_file_is_refused()
    {
        using var json = await _app.RawAsync(HttpMethod.Post, "/api/v1/suppressions/import", """{"file":"x"}""");
        using var empty = await _app.Api.PostAsync("/api/v1/suppressions/import", null);
        using var broken = await _app.Api.PostAsync("/api/v1/suppressions/import", new StringContent("no parts here", Encoding.UTF8) { Headers = { ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } } } });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, json.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
    }

    [Fact]
    public async Task An_import_goes_on_after_a_stop_at_the_row_it_had_reached()
    {
        var csv = new StringBuilder("email\n");
        for (var i = 0; i < 20_000; i++)
        {
            csv.Append(i % 50 == 0 ? $"bad {i}\n" : $"person{i}@example.com\n");
        }

        var job = await _app.ImportSuppressionsAsync(csv.ToString());
        var directory = _app.DataDirectory;
        await _app.StopKeepingDataAsync();
        _app = new TestApp(dataDirectory: directory);

        var finished = await _app.FinishedAsync(job);

        Assert.Equal("done 20000 19600 0 400", $"{finished["status"]} {finished["processed"]} {finished["added"]} {finished["duplicates"]} {finished["invalid"]}");
        await using var db = _app.Database();
        Assert.Equal(19_600, await db.Suppressions.CountAsync());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_file_has_what_the_list_has_and_no_cell_a_spreadsheet_would_run()
    {
        await _app.SqlAsync("UPDATE organization SET time_zone = 'Asia/Kolkata'");
        await _app.PostCreatedAsync("/api/v1/suppressions", """{"email":"=danger@example.com","note":"+44 says \"no\"\n@once"}""");
        await _app.PostCreatedAsync("/api/v1/suppressions", """{"email":"plain@example.com","note":"ß"}""");
        await _app.SuppressAsync("old@example.com", "complaint");

        var csv = await _app.Api.GetStringAsync("/api/v1/suppressions.csv?reason=manual");
        var ndjson = await _app.Api.GetStringAsync("/api/v1/suppressions.ndjson");

        Assert.Equal("""
            email,reason,source,campaign_id,note,created_at,created_at_local
            plain@example.com,manual,api,,ß,2026-09-01T10:00:00Z,2026-09-01T15:30:00+05:30
            "'=danger@example.com",manual,api,,"'+44 says ""no""
            @once",2026-09-01T10:00:00Z,2026-09-01T15:30:00+05:30

            """.ReplaceLineEndings("\n"), csv.ReplaceLineEndings("\n"));
        Assert.Equal(["plain@example.com", "=danger@example.com", "old@example.com"], ndjson.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string?)JsonNode.Parse(line)!["email"]));
        Assert.Equal("+44 says \"no\"\n@once", (string?)JsonNode.Parse(ndjson.Split('\n')[1])!["note"]);
        using var wrong = await _app.Api.GetAsync("/api/v1/suppressions.csv?reason=none");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
    }
}
