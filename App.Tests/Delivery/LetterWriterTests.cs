using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Domains;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

public sealed class LetterWriterTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task A_letter_of_a_domain_with_two_keys_carries_two_signatures_that_are_good_in_the_eyes_of_dkimpy()
    {
        var domain = await _app.GivenDomainAsync(
            "twice.example", new { algorithm = "rsa", selector = "r1", status = "signing" }, new { algorithm = "ed25519", selector = "e1", status = "signing" });

        var letter = await WriteAsync(Mail("news@Twice.example"));

        var records = domain.GetProperty("keys").EnumerateArray().ToDictionary(key => key.Text("dns_name"), key => key.Text("dns_record"));
        var results = await Python.RunAsync("Mail/independent.py", new { mails = new[] { letter.Mime.ToArray() }, records });
        Assert.Equal([true, true], results[0].EnumerateArray().Select(result => result.ValueKind == JsonValueKind.True));
    }

    [Fact]
    public async Task Mail_of_a_subdomain_is_signed_by_the_domain_above_and_by_its_own_keys_once_it_has_some()
    {
        await _app.GivenDomainAsync("above.example", new { algorithm = "ed25519", status = "signing" });

        var before = await WriteAsync(Mail("a@news.above.example"));
        await _app.GivenDomainAsync("news.above.example", new { algorithm = "ed25519", status = "signing" });
        var after = await WriteAsync(Mail("a@news.above.example"));

        Assert.Equal(["above.example"], Signatures(before));
        Assert.Equal(["news.above.example"], Signatures(after));
        Assert.Empty(Signatures(await WriteAsync(Mail("a@xabove.example"))));
    }

    [Fact]
    public async Task Only_keys_that_are_signing_sign_and_a_change_holds_for_the_next_letter()
    {
        var domain = await _app.GivenDomainAsync("turns.example", new { algorithm = "ed25519", selector = "one" });
        var key = $"{DomainApi.Path}/{domain.Text("id")}/keys/one";
        var waiting = await WriteAsync(Mail("a@turns.example"));

        using var on = await _app.Api.PatchAsync(key, JsonBody("""{"status":"signing"}"""));
        var signed = await WriteAsync(Mail("a@turns.example"));
        using var off = await _app.Api.PatchAsync(key, JsonBody("""{"status":"off"}"""));
        var unsigned = await WriteAsync(Mail("a@turns.example"));

        Assert.Equal("waiting", domain.GetProperty("keys")[0].Text("status"));
        Assert.Empty(Signatures(waiting));
        Assert.Single(Signatures(signed));
        Assert.Empty(Signatures(unsigned));
    }

    [Fact]
    public async Task A_letter_without_a_domain_of_ours_is_written_and_bounces_go_to_its_sender()
    {
        var letter = await WriteAsync(Mail("a@nobody.example"));

        Assert.Equal("a@nobody.example", letter.EnvelopeFrom);
        Assert.Equal(MimeWriter.Write(letter.Mail), letter.Mime.ToArray());
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(Mail("not an address")));
    }

    private static OutgoingMail Mail(string from) => new()
    {
        From = new Mailbox(from, "Acme"),
        To = [new Mailbox("ann@example.net", null)],
        Subject = "Hello",
        Text = "Hello",
        Html = "<p>Hello</p>",
        Date = Some.Noon,
        MessageId = "msg_1@acme.example",
    };

    private Task<Letter> WriteAsync(OutgoingMail mail) =>
        _app.Services.GetRequiredService<LetterWriter>().WriteAsync(1, "ann@example.net", envelopeFrom: null, mail, TestContext.Current.CancellationToken).AsTask();

    private static StringContent JsonBody(string json) => new(json, Encoding.UTF8, "application/json");

    private static List<string> Signatures(Letter letter) =>
        [.. Encoding.UTF8.GetString(letter.Mime.Span).Split("DKIM-Signature:").Skip(1).Select(signature => signature.Split("d=")[1].Split(';')[0])];
}
