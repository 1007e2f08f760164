using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class ImportTests : IAsyncDisposable
{
    private static readonly byte[] s_utf8Mark = [0xEF, 0xBB, 0xBF];

    private readonly TestApp _app = new();

    [Theory]
    [InlineData(",", "utf-8", false)]
    [InlineData(";", "utf-8", true)]
    [InlineData("\t", "utf-16", true)]
    public async Task Separators_quotes_and_encodings_are_understood(string separator, string encoding, bool mark)
    {
        var text = Encoding.GetEncoding(encoding);
        var csv = "Email,customer_id,tracking_consent,first_name,city\r\nana@example.com,1,granted,\"Ana \"\"A\"\" Lima\",\"São\nPaulo\"\r\n\r\nbob@example.com,2,,Bob,\r\n"
            .Replace(",", separator, StringComparison.Ordinal);
        var id = await _app.GivenDraftAsync();

        var job = await _app.FinishedAsync(await _app.ImportAsync(id, [.. mark ? text.GetPreamble() : [], .. text.GetBytes(csv)]));

        Assert.Equal("done 2 2 2 0", $"{job["status"]} {job["processed"]} {job["total"]} {job["added"]} {job["invalid"]}");
        await using var db = _app.Database();
        var contacts = await db.Contacts.OrderBy(c => c.Id).ToListAsync();
        Assert.Equal("{\"first_name\":\"Ana \\\"A\\\" Lima\",\"city\":\"São\\nPaulo\"}", contacts[0].Attributes);
        Assert.Equal(TrackingConsent.Granted, contacts[0].TrackingConsent);
        Assert.Equal("""{"first_name":"Bob"}""", contacts[1].Attributes);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\r\n\r\n", "empty")]
    [InlineData("name,city\na,b\n", "email")]
    [InlineData("ana@example.com,Ana\n", "email")]
    [InlineData("email,Email\na,b\n", "Two columns")]
    [InlineData("email,,city\na,b,c\n", "Column 2")]
    [InlineData("email;name,city\n", "email")]
    public async Task A_header_that_names_no_recipients_is_refused_at_once(string csv, string reason)
    {
        var id = await _app.GivenDraftAsync();

        using var response = await _app.UploadAsync(id, [.. s_utf8Mark, .. Encoding.UTF8.GetBytes(csv)]);

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.UnprocessableEntity, problem);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task Fifty_thousand_rows_with_bad_and_double_ones_are_counted_exactly()
    {
        var id = await _app.GivenDraftAsync();
        await _app.SuppressAsync("person10@example.com");
        var csv = new StringBuilder("email,customer_id,first_name\n");
        for (var i = 0; i < 50_000; i++)
        {
            // 3 in 100 are bad, each in its own way; 1 in 100 is there already.
            csv.Append((i % 100) switch
            {
                0 => $"=HYPERLINK({i}),c{i},Ana\n",
                1 => $"person{i}@example.com,c{i}\n",
                2 => $"person{i}@example.com,c\"{i}\"x\",Ana\n",
                3 => $"person{i + 1}@example.com,c{i + 1},Ana\n",
                _ => $"person{i}@example.com,c{i},\"Ana, {i}\"\n",
            });
        }

        var started = TimeProvider.System.GetTimestamp();
        var name = await _app.ImportAsync(id, Encoding.UTF8.GetBytes(csv.ToString()));
        var job = await _app.FinishedAsync(name);
        TestContext.Current.TestOutputHelper?.WriteLine($"{50_000 / TimeProvider.System.GetElapsedTime(started).TotalSeconds:N0} rows/s");

        Assert.Equal(
            "done 50000 50000 47999 500 1 1500 ",
            $"{job["status"]} {job["processed"]} {job["total"]} {job["added"]} {job["duplicates"]} {job["suppressed"]} {job["invalid"]} {job["error"]}");
        var errors = (await _app.Api.GetStringAsync((string)job["errors_url"]!)).Split("\r\n");
        Assert.Equal("line,email,error", errors[0]);
        Assert.Equal("2,\"'=HYPERLINK(0)\",email is not an email address", errors[1]);
        Assert.Equal("3,,has not as many columns as the header", errors[2]);
        Assert.Equal("4,,has a quotation mark out of place", errors[3]);
        Assert.Equal(1500 + 2, errors.Length);
        Assert.Empty(Directory.GetFiles(Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task An_import_that_was_stopped_goes_on_where_it_was()
    {
        var id = await _app.GivenDraftAsync();
        var csv = "email\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => i % 1000 == 7 ? "bad\n" : $"person{i}@example.com\n"));
        var import = _app.Services.GetRequiredService<RecipientImport>();
        var moved = new SemaphoreSlim(0);
        using var watch = _app.Live().Subscribe(LiveTopic.Job(1), () => moved.Release());
        var job = await _app.ImportAsync(id, Encoding.UTF8.GetBytes(csv));
        do
        {
            await moved.WaitAsync();
        }
        while (await ProcessedAsync() == 0);

        await import.StopAsync(CancellationToken.None);
        var stopped = await _app.GetAsync($"/api/v1/jobs/{job}");
        await import.StartAsync(CancellationToken.None);
        var finished = await _app.FinishedAsync(job);

        Assert.Equal("running", (string)stopped["status"]!);
        Assert.InRange((long)stopped["processed"]!, 2_000, 38_000);
        Assert.Equal("done 40000 39960 0 40", $"{finished["status"]} {finished["processed"]} {finished["added"]} {finished["duplicates"]} {finished["invalid"]}");
        await using var db = _app.Database();
        Assert.Equal(39_960, await db.Messages.CountAsync());
        Assert.Equal(39_960, await db.MessageStates.CountAsync());
        Assert.Equal(40, await db.JobErrors.CountAsync());

        async Task<long> ProcessedAsync()
        {
            await using var database = _app.Database();
            return await database.Jobs.Select(known => known.Processed).SingleAsync();
        }
    }

    [Fact]
    public async Task An_unclosed_quote_fails_the_import_in_words()
    {
        var id = await _app.GivenDraftAsync();
        var csv = "email,name\na@example.com,A\nb@example.com,\"B\n" + string.Concat(Enumerable.Repeat("c@example.com,C\n", 100_000));

        var job = await _app.FinishedAsync(await _app.ImportAsync(id, Encoding.UTF8.GetBytes(csv)));

        Assert.Equal("failed", (string)job["status"]!);
        Assert.Contains("Line 3", (string)job["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_encoding_is_named_row_by_row()
    {
        var id = await _app.GivenDraftAsync();

        var job = await _app.FinishedAsync(await _app.ImportAsync(id, Encoding.Latin1.GetBytes("email,name\na@example.com,Zoë\nb@example.com,Bob\n")));

        Assert.Equal("done 1 1", $"{job["status"]} {job["added"]} {job["invalid"]}");
        Assert.Contains("2,a@example.com,is not UTF-8", await _app.Api.GetStringAsync((string)job["errors_url"]!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_file_is_refused()
    {
        var id = await _app.GivenDraftAsync();
        var path = $"/api/v1/campaigns/{id}/recipients/import";

        await _app.RefusedAsync(HttpMethod.Post, path, """{"segment_id":"seg_1"}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, path, """{"segment":"seg_1"}""", 400);
        await _app.RefusedAsync(HttpMethod.Post, path, "{", 400);
        await RefusedAsync(new MultipartFormDataContent { { new StringContent("x"), "file" } }, HttpStatusCode.UnprocessableEntity);
        await RefusedAsync(new ByteArrayContent([1, 2, 3]), HttpStatusCode.UnprocessableEntity);
        var broken = new StringContent("no parts at all");
        broken.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "b") } };
        await RefusedAsync(broken, HttpStatusCode.BadRequest);
        await RefusedAsync(new MultipartFormDataContent { { new ByteArrayContent(new byte[(50 * 1024 * 1024) + 10]), "file", "x.csv" } }, HttpStatusCode.UnprocessableEntity);
        await RefusedAsync(new MultipartFormDataContent { { new ByteArrayContent(new byte[51 * 1024 * 1024]), "file", "x.csv" } }, HttpStatusCode.RequestEntityTooLarge);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/jobs/job_99", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/jobs/job_99/errors.csv", null, 404);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/cancel");
        await RefusedAsync(new MultipartFormDataContent { { new StringContent("email\n"), "file", "x.csv" } }, HttpStatusCode.Conflict);

        async Task RefusedAsync(HttpContent content, HttpStatusCode status)
        {
            using var response = await _app.Api.PostAsync(path, content);
            var text = await response.Content.ReadAsStringAsync();

            Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} {text}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
