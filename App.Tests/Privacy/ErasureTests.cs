using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Privacy;

/// <summary>P40: erasing really erases, and changes no figure.</summary>
public sealed partial class ErasureTests : IAsyncDisposable
{
    private const string Email = "anastasia.quill@mail.example";
    private const string OldEmail = "a.maiden+news@old.example";
    private const string Name = "Quillfeather";
    private const string OwnAgent = "QuillReader/7.31 (Anastasia's own; rv:140.0)";

    private readonly TestApp _app = new(new() { ["Logging:LogLevel:ScoreTracking"] = "Debug" });
    private readonly Written _log = new();
    private string _campaign = "";
    private string _late = "";

    public ErasureTests() => _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _log.Dispose();
    }

    [Fact]
    public async Task Nothing_of_an_erased_person_is_left_in_any_file_and_no_figure_moves()
    {
        var contact = await GivenPersonAsync();
        var before = await FiguresAsync();
        Assert.NotEmpty(_app.FilesWith(Email));
        Assert.NotEmpty(_app.FilesWith(OldEmail));
        Assert.NotEmpty(_app.FilesWith(Name));
        Assert.NotEmpty(_app.FilesWith(OwnAgent));
        var started = TimeProvider.System.GetTimestamp();

        using var erased = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null);

        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(90));
        Assert.Empty(_app.FilesWith(Email, OldEmail, Name, OwnAgent, "550 5.1.1 <anastasia", "customer-77-a"));
        Assert.DoesNotContain(_log.Lines, line => Regex.IsMatch(line, $"{Email}|{Regex.Escape(OldEmail)}|{Name}", RegexOptions.IgnoreCase));
        Assert.Equal(before, await FiguresAsync());
        Assert.Empty(_app.Verify());
        await _app.RefusedAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, $"/api/v1/contacts/{contact}/export", null, 404);
    }

    [Fact]
    public async Task What_others_sent_and_got_stays_theirs()
    {
        var contact = await GivenPersonAsync();
        await _app.StoreAsync(Received("jo-1", 0, "jo" + Email));

        using var erased = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null);

        await using var db = _app.Database();
        Assert.True(await db.UserAgents.AnyAsync(agent => agent.Value == Some.Firefox));
        Assert.True(await db.Events.AnyAsync(stored => stored.Detail != null && stored.Detail.Contains("still here")));
        Assert.Equal(["joanastasia.quill@mail.example"], (await db.UnmatchedEvents.Select(u => u.Email).ToListAsync()).Distinct());
        Assert.Equal(["joanastasia.quill@mail.example"], (await db.ReceivedEvents.Where(r => r.MessageId == 0).ToListAsync()).Select(r => (string)JsonNode.Parse(r.Normalised)!["recipient"]!));
        Assert.Equal(["someone@else.example"], await db.JobErrors.Where(e => e.Email != "").Select(e => e.Email).ToListAsync());
    }

    [Fact]
    public async Task Nothing_brings_an_erased_person_back()
    {
        var contact = await GivenPersonAsync();
        var copy = _late;
        using var erased = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null);
        var figures = await FiguresAsync();
        var message = await MessageOfAsync(contact);

        using var reader = _app.Anonymous();
        using var click = await reader.GetAsync(Ours("/c/").Match(copy).Value);
        using var pixel = await reader.GetAsync(Ours("/o/").Match(copy).Value);
        using var left = await reader.PostAsync(Ours("/u/").Match(copy).Value, null);
        await _app.StoreAsync(
            Some.Event(message, EventType.Complained),
            Received("late-1", message, Email),
            Received("late-2", 0, Email) with { CampaignId = 1, CustomerEmail = Email.ToUpperInvariant() },
            Some.Event(0, EventType.Delivered) with { CampaignId = 1, CustomerId = "customer-77-a", OccurredAt = _app.Clock.GetUtcNow() });
        var added = await _app.PostAsync($"/api/v1/campaigns/{_campaign}/recipients", JsonNode.Parse($$"""{"recipients":[{"customer_id":"customer-77-a","email":"{{Email}}","data":{"first_name":"{{Name}}" } },{"email":"{{OldEmail.ToUpperInvariant()}}"}]}"""));
        await _app.FinishedAsync(await _app.ImportAsync(_campaign, System.Text.Encoding.UTF8.GetBytes($"email,first_name\n{Email},{Name}\n")));

        Assert.Equal("https://shop.example/a?x=1&y=2", click.Headers.Location?.OriginalString);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (pixel.StatusCode, left.StatusCode));
        Assert.Equal(0, (int)added["added"]!);
        Assert.Equal(2, added["suppressed"]!.AsArray().Count);
        Assert.Equal(figures, await FiguresAsync());
        Assert.Empty(_app.Verify());
        await using var db = _app.Database();
        Assert.Empty(await db.Contacts.Where(c => c.Email == Email || c.CustomerId == "customer-77-a").ToListAsync());
        Assert.DoesNotContain(await db.UnmatchedEvents.ToListAsync(), kept => kept.Email == Email || kept.CustomerId == "customer-77-a");
        Assert.DoesNotContain(await db.ReceivedEvents.ToListAsync(), kept => kept.Normalised.Contains(Email, StringComparison.OrdinalIgnoreCase));
        Assert.Empty(await db.Suppressions.Where(s => s.Email == Email).ToListAsync());
    }

    [Fact]
    public async Task A_customer_id_can_be_given_to_somebody_new()
    {
        var contact = await GivenPersonAsync();
        using var erased = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null);
        _app.Clock.Advance(TimeSpan.FromHours(1));

        var added = await _app.PostAsync($"/api/v1/campaigns/{_campaign}/recipients", JsonNode.Parse("""{"recipients":[{"customer_id":"customer-77-a","email":"somebody.new@mail.example"}]}"""));
        await _app.StoreAsync(new EmailEvent
        {
            Type = EventType.Delivered, Source = EventSource.Api, OccurredAt = _app.Clock.GetUtcNow(), ReceivedAt = _app.Clock.GetUtcNow(), CampaignId = 1, CustomerId = "customer-77-a",
        });

        Assert.Equal(1, (int)added["added"]!);
        await using var db = _app.Database();
        var message = await db.Messages.SingleAsync(m => m.Email == "somebody.new@mail.example");
        Assert.NotEqual(0, (await _app.StateAsync(message.Id)).DeliveredAt);
    }

    [Fact]
    public async Task An_erasure_that_a_crash_interrupted_is_finished_after_the_restart()
    {
        var contact = await GivenPersonAsync();
        await using (var db = _app.Database())
        {
            // As a crash leaves it: noted, and nothing done.
            db.Add(new Erasure { ContactId = long.Parse(contact[4..]), RequestedBy = "key 1", RequestedAt = _app.Clock.GetUtcNow(), Traces = "" });
            await db.SaveChangesAsync();
        }

        await _app.StopKeepingDataAsync();

        var again = new TestApp(dataDirectory: _app.DataDirectory);
        await Eventually.TrueAsync(async () =>
        {
            await using var db = again.Database();
            return await db.Erasures.AllAsync(erasure => erasure.FinishedAt != 0);
        });
        Assert.Empty(again.FilesWith(Email, OldEmail, Name, OwnAgent));
        Assert.Empty(again.Verify());
        await again.StopKeepingDataAsync();
    }

    [Theory]
    [InlineData("ctc_999", 404)]
    [InlineData("ctc_0", 404)]
    [InlineData("cmp_1", 404)]
    [InlineData("x'; DROP TABLE contacts; --", 404)]
    public async Task What_is_no_contact_is_not_found(string id, int status)
    {
        await _app.RefusedAsync(HttpMethod.Delete, $"/api/v1/contacts/{Uri.EscapeDataString(id)}", null, status);
        await _app.RefusedAsync(HttpMethod.Delete, $"/api/v1/contacts/{Uri.EscapeDataString(id)}?erase=true", null, status);
        await _app.RefusedAsync(HttpMethod.Get, $"/api/v1/contacts/{Uri.EscapeDataString(id)}/export", null, status);
    }

    [Fact]
    public async Task Erase_is_true_or_false()
    {
        var contact = await GivenPersonAsync();

        await _app.RefusedAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=maybe", null, 400);
    }

    [Fact]
    public async Task Deleting_keeps_what_was_sent_and_what_must_not_be()
    {
        var contact = await GivenPersonAsync();
        var draft = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{draft}/recipients", JsonNode.Parse($$"""{"recipients":[{"customer_id":"customer-77-a","email":"{{Email}}"}]}"""));
        var figures = await FiguresAsync();

        using var deleted = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}", null);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(figures, await FiguresAsync());
        Assert.Empty(_app.Verify());
        await using var db = _app.Database();
        var id = long.Parse(contact[4..]);
        var left = await db.Contacts.SingleAsync(c => c.Id == id);
        Assert.Equal((null, "{}", Email), (left.CustomerId, left.Attributes, left.Email));
        Assert.Equal([1, 2], await db.Messages.Where(m => m.ContactId == left.Id).Select(m => m.CampaignId!.Value).Distinct().Order().ToListAsync());
        Assert.True(await db.Suppressions.AnyAsync(s => s.Email == Email));
        await _app.RefusedAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}", null, 404);
        using var erased = await _app.RawAsync(HttpMethod.Delete, $"/api/v1/contacts/{contact}?erase=true", null);
        Assert.Equal(HttpStatusCode.NoContent, erased.StatusCode);
    }

    // Ana opened, clicked and bounced; her address changed once; Bob uses a common program, as she sometimes does.
    private async Task<string> GivenPersonAsync()
    {
        _campaign = await _app.GivenDraftAsync();
        var other = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{other}/instrument", JsonNode.Parse($$"""{"customer_id":"customer-77-a","email":"{{OldEmail}}"}"""));
        using var first = await _app.RawAsync(
            HttpMethod.Post, $"/api/v1/campaigns/{_campaign}/instrument", $$"""{"customer_id":"customer-77-a","email":"{{Email}}","data":{"first_name":"Anastasia {{Name}}" } }""", "mine");
        var copy = JsonNode.Parse(await first.Content.ReadAsStringAsync())!["data"]!;
        var bob = (string)(await _app.PostAsync($"/api/v1/campaigns/{_campaign}/instrument", JsonNode.Parse("""{"customer_id":"bob","email":"bob@mail.example"}""")))["message_id"]!;
        _late = (string)copy["html"]! + copy["headers"]!["List-Unsubscribe"];
        var ana = long.Parse(((string)copy["message_id"]!)[4..]);
        using var reader = _app.Anonymous();
        foreach (var agent in (string[])[OwnAgent, Some.Firefox])
        {
            foreach (var path in (string[])["/o/", "/c/"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, Ours(path).Match(_late).Value);
                request.Headers.TryAddWithoutValidation("User-Agent", agent);
                using var answer = await reader.SendAsync(request);
            }
        }

        var repeated = Enumerable.Range(0, 200).Select(i => Some.Event(ana, i % 3 == 0 ? EventType.Clicked : EventType.Opened, TimeSpan.FromMinutes(i), userAgent: i % 2 == 0 ? OwnAgent : Some.Firefox, ip: $"203.0.113.{i}"));
        await _app.StoreAsync([
            .. repeated,
            Some.Event(ana, EventType.Bounced, bounce: BounceKind.Soft) with { Reason = $"550 5.1.1 <{Email}> no such user", Metadata = $$"""{"greeting":"{{Name}}"}""" },
            Some.Event(ana, EventType.Unsubscribed, TimeSpan.FromDays(1)),
            Some.Event(long.Parse(bob[4..]), EventType.Opened) with { Metadata = """{"note":"still here"}""" },
            Received("ana-1", ana, Email),
            Received("ana-2", 0, Email),
            Some.Event(0, EventType.Delivered) with { CampaignId = 999, CustomerId = "customer-77-a" },
        ]);
        await _app.FinishedAsync(await _app.ImportAsync(_campaign, System.Text.Encoding.UTF8.GetBytes($"email,tracking_consent\n{Email},perhaps\nsomeone@else.example,perhaps\n")));
        await using var db = _app.Database();
        return $"ctc_{await db.Contacts.Where(c => c.CustomerId == "customer-77-a").Select(c => c.Id).SingleAsync()}";
    }

    private static EmailEvent Received(string key, long message, string email) => Some.Event(message, EventType.Deferred, key: $"brevo:{key}", source: EventSource.Webhook) with
    {
        ConnectionId = 1,
        CustomerEmail = message == 0 ? email : null,
        Normalised = $$"""{"event_type":"deferred","recipient":"{{email}}","reason":"421 \u003C{{email}}\u003E busy"}""",
    };

    private async Task<string> FiguresAsync()
    {
        await _app.StoredAsync();
        await using var db = _app.Database();
        return string.Join('\n', (await db.Counters.OrderBy(c => c.CampaignId).ThenBy(c => c.Dimension).ThenBy(c => c.Key).ThenBy(c => c.Type).ThenBy(c => c.Verdict).ToListAsync())
            .Where(c => (c.Total, c.Unique) != (0, 0)).Select(c => $"{c.CampaignId} {c.Dimension} {c.Key} {c.Type} {c.Verdict} {c.Total} {c.Unique}"));
    }

    private async Task<long> MessageOfAsync(string contact)
    {
        await using var db = _app.Database();
        var id = long.Parse(contact[4..]);
        return await db.Messages.Where(m => m.ContactId == id && m.CampaignId == 1).Select(m => m.Id).SingleAsync();
    }

    private static Regex Ours(string path) => new($"(?<=http://localhost:8080){path}[0-9a-z]{{40}}");

    private sealed class Written : ILoggerProvider, ILogger
    {
        public ConcurrentBag<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
