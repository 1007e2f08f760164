using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Domains;

public sealed class DomainEndpointTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task A_new_domain_gets_an_RSA_key_of_2048_bits_that_waits_for_its_record()
    {
        using var answer = await _app.Api.PostAsJsonAsync(DomainApi.Path, new { domain = " News.Büro.example. " });
        var made = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");

        var key = Assert.Single(made.GetProperty("keys").EnumerateArray());
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(key.Text("dns_record").Split("p=")[1]), out _);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"{DomainApi.Path}/{made.Text("id")}", answer.Headers.Location!.ToString());
        Assert.Equal("news.xn--bro-hoa.example", made.Text("domain"));
        Assert.Equal(("st1", "rsa", "waiting"), (key.Text("selector"), key.Text("algorithm"), key.Text("status")));
        Assert.Equal("st1._domainkey.news.xn--bro-hoa.example", key.Text("dns_name"));
        Assert.Equal(2048, rsa.KeySize);
        Assert.Equal(JsonValueKind.Null, made.GetProperty("checked_at").ValueKind);
    }

    [Fact]
    public async Task A_key_of_ones_own_is_taken_over_stored_encrypted_and_never_shown()
    {
        using var rsa = RSA.Create(2048);
        var pem = rsa.ExportPkcs8PrivateKeyPem();
        var made = await _app.GivenDomainAsync("own.example", new { selector = "Mail-2026", private_key = pem, status = "signing" });

        using var scope = _app.Services.CreateScope();
        var stored = await scope.ServiceProvider.GetRequiredService<ScoreDb>().DkimKeys.SingleAsync(key => key.Selector == "mail-2026");
        var read = await _app.Api.GetStringAsync($"{DomainApi.Path}/{made.Text("id")}");
        Assert.Equal(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()), made.GetProperty("keys")[0].Text("dns_record").Split("p=")[1]);
        Assert.DoesNotContain("PRIVATE", stored.PrivateKey, StringComparison.Ordinal);
        Assert.DoesNotContain(pem[40..80], stored.PrivateKey, StringComparison.Ordinal);
        Assert.DoesNotContain("private", read, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Keys_come_and_go_beside_each_other()
    {
        var made = await _app.GivenDomainAsync("rotate.example", new { algorithm = "ed25519" });
        var path = $"{DomainApi.Path}/{made.Text("id")}/keys";

        using var second = await _app.Api.PostAsJsonAsync(path, new { algorithm = "ed25519" });
        using var taken = await _app.Api.PostAsJsonAsync(path, new { algorithm = "ed25519", selector = "ST1" });
        using var removed = await _app.Api.DeleteAsync($"{path}/st1");
        using var again = await _app.Api.DeleteAsync($"{path}/st1");

        var keys = (await _app.DomainAsync(made.Text("id"))).GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, taken.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Equal("st2", Assert.Single(keys).Text("selector"));
    }

    [Fact]
    public async Task A_domain_is_added_once_removed_with_its_keys_and_listed_page_by_page()
    {
        var first = await _app.GivenDomainAsync("page1.example");
        await _app.GivenDomainAsync("page2.example");

        using var twice = await _app.Api.PostAsJsonAsync(DomainApi.Path, new { domain = "PAGE1.example" });
        var page = await _app.Api.GetFromJsonAsync<JsonElement>($"{DomainApi.Path}?limit=1");
        var next = await _app.Api.GetFromJsonAsync<JsonElement>($"{DomainApi.Path}?limit=1&cursor={page.Text("next_cursor")}");
        using var removed = await _app.Api.DeleteAsync($"{DomainApi.Path}/{first.Text("id")}");
        using var gone = await _app.Api.GetAsync($"{DomainApi.Path}/{first.Text("id")}");

        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.NotEqual(page.GetProperty("data")[0].Text("id"), next.GetProperty("data")[0].Text("id"));
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData("""{}""", 422, "domain")]
    [InlineData("""{"domain":"localhost"}""", 422, "domain")]
    [InlineData("""{"domain":"192.168.1.1"}""", 422, "domain")]
    [InlineData("""{"domain":"a b.example"}""", 422, "domain")]
    [InlineData("""{"domain":"<script>.example"}""", 422, "domain")]
    [InlineData("""{"domain":"bad.example","color":"red"}""", 400, "color")]
    [InlineData("""{"domain":"bad.example","keys":[{"algorithm":"dsa"}]}""", 422, "keys[0].algorithm")]
    [InlineData("""{"domain":"bad.example","keys":[{"selector":"a b"}]}""", 422, "keys[0].selector")]
    [InlineData("""{"domain":"bad.example","keys":[{"status":"asleep"}]}""", 422, "keys[0].status")]
    [InlineData("""{"domain":"bad.example","keys":[{"private_key":"hello"}]}""", 422, "keys[0].private_key")]
    [InlineData("""{"domain":"bad.example","keys":[{"private_key":"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=","algorithm":"rsa"}]}""", 422, "keys[0].algorithm")]
    [InlineData("""{"domain":"bad.example","keys":[{"selector":"a","algorithm":"ed25519"},{"selector":"a","algorithm":"ed25519"}]}""", 422, "keys[1].selector")]
    public async Task What_makes_no_sense_is_refused_by_field_and_leaves_nothing(string body, int status, string field)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _app.Api.PostAsync(DomainApi.Path, content);

        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var list = await _app.Api.GetStringAsync($"{DomainApi.Path}?limit=500");
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains(problem.GetProperty("errors").EnumerateObject(), error => error.Name == field);
        Assert.DoesNotContain("bad.example", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_scope_or_with_a_foreign_id_there_is_nothing()
    {
        using var anonymous = _app.Anonymous();
        using var closed = await anonymous.GetAsync(DomainApi.Path);
        using var foreign = await _app.Api.GetAsync($"{DomainApi.Path}/con_1");
        using var missing = await _app.Api.PostAsJsonAsync($"{DomainApi.Path}/dom_99999/keys", new { });
        using var cursor = await _app.Api.GetAsync($"{DomainApi.Path}?cursor=xyz");

        Assert.Equal(HttpStatusCode.Unauthorized, closed.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, cursor.StatusCode);
    }
}
