using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

public sealed class ContactImportTests : IAsyncDisposable
{
    private const string Path = "/api/v1/contacts/import";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Columns_are_what_their_names_say()
    {
        var job = await ImportAsync("email,customer_id,tracking_consent,First name\nana@example.com,42,granted,Ana\nbob@example.com,,,\n");

        Assert.Equal("done 2 2 2 0 0 0", Figures(job));
        Assert.Equal(("contacts_import", null), ((string)job["kind"]!, (string?)job["campaign_id"]));
        await using var db = _app.Database();
        var people = await db.Contacts.OrderBy(c => c.Id).ToListAsync();
        Assert.Equal(["42 ana@example.com {\"First name\":\"Ana\"} Granted", " bob@example.com {} Unknown"], people.Select(c => $"{c.CustomerId} {c.Email} {c.Attributes} {c.TrackingConsent}"));
    }

    [Fact]
    public async Task A_mapping_says_otherwise_before_or_after_the_file()
    {
        const string csv = "Kunde;E-Mail;Vorname;Notizen\n7;ana@example.com;Ana;secret\n";
        const string mapping = """{"E-Mail":"email","Kunde":"customer_id","Vorname":"first_name","Notizen":null}""";

        foreach (var first in (bool[])[true, false])
        {
            var form = new MultipartFormDataContent();
            if (first)
            {
                form.Add(new StringContent(mapping), "mapping");
            }

            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file", "people.csv");
            if (!first)
            {
                form.Add(new StringContent(mapping), "mapping");
            }

            using var answer = await _app.Api.PostAsync(Path, form);
            var job = await _app.FinishedAsync((string)(await JsonAsync(answer, HttpStatusCode.Accepted))["data"]!["job_id"]!);
            Assert.Equal("done 1 1", $"{job["status"]} {job["processed"]} {(int)job["added"]! + (int)job["duplicates"]!}");
        }

        await using var db = _app.Database();
        Assert.Equal("""7 ana@example.com {"first_name":"Ana"}""", await db.Contacts.Select(c => $"{c.CustomerId} {c.Email} {c.Attributes}").SingleAsync());
    }

    [Fact]
    public async Task A_customer_id_is_a_person_and_an_address_may_be_two()
    {
        var first = await ImportAsync("""
            email,customer_id,city
            ana@old.example,1,Lisbon
            ana@new.example,1,
            bob@example.com,2,Leeds
            bob@example.com,3,York
            BOB@example.com,,Hull

            """);
        var second = await ImportAsync("email,customer_id\nana@new.example,1\ncarl@example.com,\n");

        Assert.Equal("done 5 5 3 2 0 0", Figures(first));
        Assert.Equal("done 2 2 1 1 0 0", Figures(second));
        await using var db = _app.Database();
        Assert.Equal(
            ["""1 ana@new.example {"city":"Lisbon"}""", """2 BOB@example.com {"city":"Hull"}""", """3 bob@example.com {"city":"York"}""", " carl@example.com {}"],
            await db.Contacts.OrderBy(c => c.Id).Select(c => $"{c.CustomerId} {c.Email} {c.Attributes}").ToListAsync());
    }

    [Fact]
    public async Task A_hundred_thousand_rows_with_3_percent_bad_are_counted_exactly()
    {
        var csv = new StringBuilder("email,customer_id,first_name\n");
        for (var i = 0; i < 100_000; i++)
        {
            csv.Append((i % 100) switch
            {
                0 => $"=HYPERLINK({i}),c{i},Ana\n",
                1 => $"person{i}@example.com,c{i}\n",
                2 => $"person{i}@example.com,c\"{i}\"x\",Ana\n",
                3 => $"person{i + 1}@example.com,c{i + 1},Ana\n",
                _ => $"person{i}@example.com,c{i},\"Ana, {i}\"\n",
            });
        }

        var job = await ImportAsync(csv.ToString());

        Assert.Equal("done 100000 100000 96000 1000 0 3000", Figures(job));
        await using var db = _app.Database();
        Assert.Equal(96_000, await db.Contacts.CountAsync());
        using var errors = await _app.Api.GetAsync((string)job["errors_url"]!);
        var lines = (await errors.Content.ReadAsStringAsync()).TrimEnd().Split('\n');
        Assert.Equal(3_001, lines.Length);
        Assert.StartsWith("2,\"'=HYPERLINK(0)\"", lines[1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task Who_was_erased_stays_away_and_who_was_deleted_is_back()
    {
        await ImportAsync("email,customer_id,city\nana@example.com,1,Lisbon\nbob@example.com,2,Leeds\n");
        using var erased = await _app.Api.DeleteAsync("/api/v1/contacts/ctc_1?erase=true");
        using var deleted = await _app.Api.DeleteAsync("/api/v1/contacts/ctc_2");

        var job = await ImportAsync("email,customer_id\nANA@example.com,9\nbob@example.com,2\n");

        Assert.Equal("done 2 2 1 0 1 0", Figures(job));
        await using var db = _app.Database();
        Assert.Equal(["bob@example.com {}"], await db.Contacts.Where(c => c.Email != "").Select(c => $"{c.Email} {c.Attributes}").ToListAsync());
    }

    [Theory]
    [InlineData("", null, "empty")]
    [InlineData("name\nAna\n", null, "email")]
    [InlineData("mail,name\na@example.com,Ana\n", """{"mail":"name"}""", "Two columns")]
    [InlineData("mail\na@example.com\n", """{"address":"email"}""", "no column")]
    [InlineData("mail\na@example.com\n", "{}", "email")]
    public async Task A_file_that_does_not_fit_is_refused_at_once(string csv, string? mapping, string reason)
    {
        using var answer = await UploadAsync(csv, mapping);

        var problem = await JsonAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.Contains(reason, (string)problem["errors"]!["file"]![0]!, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(_app.DataDirectory, "imports")));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"mail":7}""")]
    [InlineData("""{"mail":"email","name":"email"}""")]
    [InlineData("""{"mail":"email","name":""}""")]
    public async Task A_mapping_that_is_none_is_refused(string mapping)
    {
        using var answer = await UploadAsync("mail,name\na@example.com,Ana\n", mapping);

        Assert.NotNull((await JsonAsync(answer, HttpStatusCode.UnprocessableEntity))["errors"]!["mapping"]);
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(_app.DataDirectory, "imports")));
    }

    [Fact]
    public async Task Without_a_file_there_is_nothing_to_import()
    {
        await _app.RefusedAsync(HttpMethod.Post, Path, """{"contacts":[]}""", 422);
        using var form = await _app.Api.PostAsync(Path, new MultipartFormDataContent { { new StringContent("x"), "text" } });
        using var broken = await _app.Api.PostAsync(Path, new StringContent("--x", new System.Net.Http.Headers.MediaTypeHeaderValue("multipart/form-data") { Parameters = { new("boundary", "x") } }));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, form.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, broken.StatusCode);
    }

    [Fact]
    public async Task An_import_goes_on_after_a_restart_and_forgotten_uploads_are_thrown_away()
    {
        var imports = _app.Services.GetRequiredService<ContactImport>();
        var forgotten = await imports.Files.KeepAsync(new MemoryStream("email\nana@example.com\n"u8.ToArray()), CancellationToken.None);
        var waiting = await imports.Files.KeepAsync(new MemoryStream("email\nbob@example.com\ncarl@example.com\n"u8.ToArray()), CancellationToken.None);
        await _app.StopKeepingDataAsync();
        await using (var db = new ScoreDb(new DbContextOptionsBuilder<ScoreDb>().UseSqlite($"Data Source={System.IO.Path.Combine(_app.DataDirectory, "scoretracking.db")}").Options))
        {
            // As a crash leaves it: the first row is stored.
            db.Add(new Job { Kind = ContactImport.Kind, File = waiting!, Status = JobStatus.Running, Error = "", Total = 2, Processed = 1, Added = 1, CreatedAt = _app.Clock.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        var again = new TestApp(dataDirectory: _app.DataDirectory);

        var job = await again.FinishedAsync("job_1");
        Assert.Equal("done 2 2 2 0 0 0", Figures(job));
        await using var people = again.Database();
        Assert.Equal(["carl@example.com"], await people.Contacts.Select(c => c.Email).ToListAsync());
        Assert.False(File.Exists(System.IO.Path.Combine(_app.DataDirectory, "imports", forgotten!)));
        await again.StopKeepingDataAsync();
    }

    private static string Figures(JsonNode job) =>
        $"{job["status"]} {job["processed"]} {job["total"]} {job["added"]} {job["duplicates"]} {job["suppressed"]} {job["invalid"]}";

    private async Task<JsonNode> ImportAsync(string csv)
    {
        using var answer = await UploadAsync(csv, null);
        return await _app.FinishedAsync((string)(await JsonAsync(answer, HttpStatusCode.Accepted))["data"]!["job_id"]!);
    }

    private Task<HttpResponseMessage> UploadAsync(string csv, string? mapping) => _app.Api.PostAsync(
        mapping is null ? Path : $"{Path}?mapping={Uri.EscapeDataString(mapping)}", new StringContent(csv, Encoding.UTF8, "text/csv"));

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
