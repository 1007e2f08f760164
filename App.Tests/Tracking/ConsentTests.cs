using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Tracking;

/// <summary>Consent is asked twice: when mail is made, and when a reader opens or clicks.</summary>
public sealed partial class ConsentTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TrackingPolicy Policy => _app.Services.GetRequiredService<TrackingPolicy>();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData(TrackingMode.Individual, true, TrackingConsent.Unknown, TrackingLevel.Individual)]
    [InlineData(TrackingMode.Individual, false, TrackingConsent.Unknown, TrackingLevel.None)]
    [InlineData(TrackingMode.Individual, false, TrackingConsent.Granted, TrackingLevel.Individual)]
    [InlineData(TrackingMode.Individual, true, TrackingConsent.Denied, TrackingLevel.None)]
    [InlineData(TrackingMode.Aggregate, true, TrackingConsent.Unknown, TrackingLevel.Nameless)]
    [InlineData(TrackingMode.Aggregate, true, TrackingConsent.Granted, TrackingLevel.Nameless)]
    [InlineData(TrackingMode.Aggregate, false, TrackingConsent.Unknown, TrackingLevel.None)]
    [InlineData(TrackingMode.Aggregate, true, TrackingConsent.Denied, TrackingLevel.None)]
    [InlineData(TrackingMode.Off, true, TrackingConsent.Granted, TrackingLevel.None)]
    public void What_is_kept_follows_from_the_organization_and_the_person(TrackingMode mode, bool tracksUnknown, TrackingConsent consent, TrackingLevel level) =>
        Assert.Equal(level, new TrackingRules(mode, tracksUnknown).For(consent));

    // P41 of the promises.
    [Fact]
    public async Task After_a_withdrawal_old_mail_answers_as_ever_and_nothing_of_it_is_stored()
    {
        var campaign = await _app.GivenDraftAsync();
        var (_, urls) = await InstrumentAsync(campaign, """{"customer_id":"42","email":"ana@example.com"}""");
        var before = await VisitAsync(urls);
        _app.Clock.Advance(TimeSpan.FromHours(1));

        using var withdrawn = await _app.Anonymous().PostAsync(Unsubscribe(urls), Form(("action", "tracking"), ("tracking", "denied")), Token);
        var after = await VisitAsync(urls);
        using var reported = await _app.RawAsync(HttpMethod.Post, "/api/v1/events", """[{"event_id":"e1","event_type":"opened","message_id":"msg_1"},{"event_id":"e2","event_type":"delivered","message_id":"msg_1"}]""");
        await _app.StoredAsync();

        Assert.Equal(HttpStatusCode.OK, withdrawn.StatusCode);
        Assert.Equal(before, after);
        Assert.Equal(HttpStatusCode.Accepted, reported.StatusCode);
        await using var db = _app.Database();
        Assert.Equal([EventType.Opened, EventType.Clicked, EventType.Clicked, EventType.Delivered], await db.Events.OrderBy(e => e.Id).Select(e => e.Type).ToListAsync(Token));
        Assert.Equal((1, 1), await _app.CountAsync(1, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Who_agrees_again_is_tracked_again()
    {
        var campaign = await _app.GivenDraftAsync();
        var (_, urls) = await InstrumentAsync(campaign, """{"customer_id":"42","email":"ana@example.com"}""");
        using var visitor = _app.Anonymous();

        using var withdrawn = await visitor.PostAsync(Unsubscribe(urls), Form(("action", "tracking"), ("tracking", "denied")), Token);
        using var agreed = await visitor.PostAsync(Unsubscribe(urls), Form(("action", "tracking"), ("tracking", "granted")), Token);
        await VisitAsync(urls);

        Assert.Equal((1, 1), await _app.CountAsync(1, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task Who_refused_gets_plain_links_and_no_pixel_and_the_report_says_how_many()
    {
        var campaign = await _app.GivenDraftAsync();

        var (copy, urls) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"no@example.com","tracking_consent":"denied"}""");
        await InstrumentAsync(campaign, """{"customer_id":"1","email":"no@example.com"}""");
        var (tracked, _) = await InstrumentAsync(campaign, """{"customer_id":"2","email":"yes@example.com"}""");
        var lines = await _app.BatchAsync(campaign, [.. Enumerable.Range(10, 4).Select(CampaignApi.Recipient).Select(Denying), Denying(CampaignApi.Recipient(10)), CampaignApi.Recipient(20)]);

        Assert.False((bool)copy["tracked"]!);
        Assert.True((bool)tracked["tracked"]!);
        Assert.DoesNotContain(urls, url => !url.StartsWith("/u/", StringComparison.Ordinal));
        Assert.Contains("href=\"https://shop.example/b\"", (string)copy["html"]!, StringComparison.Ordinal);
        Assert.Equal([false, false, false, false, false, true], lines.Select(line => (bool)line["tracked"]!));
        Assert.Equal(5, (long)(await _app.GetAsync($"/api/v1/campaigns/{campaign}/report"))["not_tracked"]!);

        // Who agrees before the mail is made again is tracked, and the figure follows.
        var (again, _) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"no@example.com","tracking_consent":"granted"}""");
        Assert.True((bool)again["tracked"]!);
        Assert.Equal(4, (long)(await _app.GetAsync($"/api/v1/campaigns/{campaign}/report"))["not_tracked"]!);
    }

    [Fact]
    public async Task A_refusal_on_the_page_is_not_overruled_by_what_a_program_hands_over()
    {
        var campaign = await _app.GivenDraftAsync();
        const string granting = """{"customer_id":"42","email":"ana@example.com","tracking_consent":"granted"}""";
        var (_, urls) = await InstrumentAsync(campaign, granting);
        using var refused = await _app.Anonymous().PostAsync(Unsubscribe(urls), Form(("action", "tracking"), ("tracking", "denied")), Token);

        var (copy, _) = await InstrumentAsync(campaign, granting);
        var job = await _app.ImportAsync(await _app.GivenDraftAsync(), "customer_id,email,tracking_consent\n42,ana@example.com,granted\n"u8.ToArray());
        await _app.FinishedAsync(job);

        Assert.False((bool)copy["tracked"]!);
        await using var db = _app.Database();
        var contact = await db.Contacts.SingleAsync(Token);
        Assert.Equal((TrackingConsent.Denied, "unsubscribe_page"), (contact.TrackingConsent, contact.ConsentMethod));
        Assert.All(await db.MessageStates.ToListAsync(Token), state => Assert.Equal(TrackingConsent.Denied, state.Consent));
    }

    [Fact]
    public async Task Without_an_answer_the_organization_decides()
    {
        var campaign = await _app.GivenDraftAsync();
        var (first, urls) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"a@example.com"}""");
        await Policy.ChangeAsync(null, tracksUnknown: false, Token);

        var (second, _) = await InstrumentAsync(campaign, """{"customer_id":"2","email":"b@example.com"}""");
        var (agreed, _) = await InstrumentAsync(campaign, """{"customer_id":"3","email":"c@example.com","tracking_consent":"granted"}""");
        await VisitAsync(urls);

        Assert.Equal([true, false, true], ((JsonNode[])[first, second, agreed]).Select(copy => (bool)copy["tracked"]!));
        Assert.Equal((0, 0), await _app.CountAsync(1, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task Counted_only_is_counted_and_nobodys()
    {
        var campaign = await _app.GivenDraftAsync();
        var (_, ana) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"a@example.com"}""");
        await Policy.ChangeAsync(TrackingMode.Aggregate, null, Token);
        var (copy, bob) = await InstrumentAsync(campaign, """{"customer_id":"2","email":"b@example.com"}""");
        var (denied, none) = await InstrumentAsync(campaign, """{"customer_id":"3","email":"c@example.com","tracking_consent":"denied"}""");

        await VisitAsync(ana);
        await VisitAsync(bob);
        await VisitAsync(none);
        await _app.StoreAsync(Some.Event(1, EventType.Opened, userAgent: Some.Scanner, source: EventSource.Tracking));

        var report = await _app.GetAsync($"/api/v1/campaigns/{campaign}/report");
        Assert.True((bool)copy["tracked"]!);
        Assert.False((bool)denied["tracked"]!);
        Assert.Equal((2, 4), ((long)report["anonymous"]!["opens"]!, (long)report["anonymous"]!["clicks"]!));
        Assert.Equal((0, 0, 1), ((long)report["opened"]!, (long)report["clicked"]!, (long)report["not_tracked"]!));
        var links = (await _app.GetAsync($"/api/v1/campaigns/{campaign}/report/links")).AsArray();
        Assert.Equal([2, 2], links.Select(link => (long)link!["anonymous_clicks"]!));
        Assert.Equal([0, 0], links.Select(link => (long)link!["total_clicks"]!));
        await using var db = _app.Database();
        Assert.Empty(db.Events);
        Assert.All(await db.MessageStates.ToListAsync(Token), state => Assert.Equal((0, 0, 0), (state.OpenedAt, state.ClickedAt, state.LastAt)));
        Assert.Equal([1, 2, 2, 2], (await db.AnonymousHits.Select(hits => hits.Total).ToListAsync(Token)).Order());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_report_says_on_screen_who_was_not_tracked_and_what_was_only_counted()
    {
        var campaign = await _app.GivenDraftAsync();
        await InstrumentAsync(campaign, """{"customer_id":"1","email":"no@example.com","tracking_consent":"denied"}""");
        var (_, urls) = await InstrumentAsync(campaign, """{"customer_id":"2","email":"yes@example.com"}""");
        await _app.StoreAsync(Some.Event(1, EventType.Sent), Some.Event(2, EventType.Sent));
        await VisitAsync(urls);
        await Policy.ChangeAsync(TrackingMode.Aggregate, null, Token);
        await VisitAsync(urls);
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        await visit.OpenAsync($"/campaigns/{campaign}");

        await Expect(visit.Page.GetByText("1 message was not tracked: without consent it carried neither pixel nor tracked links.")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("1 open and 2 clicks were counted without keeping whose they are.")).ToBeVisibleAsync();
        await Expect(visit.Page.GetByText("+ 1 counted only")).ToHaveCountAsync(2);
        await visit.PhotographAsync("report-consent");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_an_ESP_tells_of_a_reader_who_refused_is_kept_nowhere()
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign, tracked: false);
        var other = await _app.GivenMessageAsync(campaign, tracked: false);
        await _app.SqlAsync($"UPDATE contacts SET tracking_consent = 2 WHERE id = (SELECT contact_id FROM messages WHERE id = {message})");

        await _app.StoreAsync(
            FromEsp(message, EventType.Opened, "o"), FromEsp(message, EventType.Delivered, "d"), FromEsp(other, EventType.Opened, "x"));

        await using var db = _app.Database();
        Assert.Equal(["d", "x"], await db.ReceivedEvents.Select(received => received.SourceKey).OrderBy(key => key).ToListAsync(Token));
        Assert.Equal([EventType.Delivered], await db.Events.Where(e => e.MessageId == message).Select(e => e.Type).ToListAsync(Token));
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task Off_is_off_for_old_mail_and_new()
    {
        var campaign = await _app.GivenDraftAsync();
        var (_, urls) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"a@example.com","tracking_consent":"granted"}""");
        await Policy.ChangeAsync(TrackingMode.Off, null, Token);

        await VisitAsync(urls);
        var (copy, _) = await InstrumentAsync(campaign, """{"customer_id":"2","email":"b@example.com","tracking_consent":"granted"}""");

        Assert.False((bool)copy["tracked"]!);
        await using var db = _app.Database();
        Assert.Empty(db.Events);
        Assert.Empty(db.AnonymousHits);
    }

    [Fact]
    public async Task Who_refused_all_topics_of_a_campaign_gets_none_of_it()
    {
        var about = CampaignApi.Campaign();
        about["topics"] = new JsonArray("Offers", "Events");
        var campaign = await _app.GivenDraftAsync(about);
        var (_, urls) = await InstrumentAsync(campaign, """{"customer_id":"1","email":"a@example.com"}""");
        using var visitor = _app.Anonymous();

        using var some = await visitor.PostAsync(Unsubscribe(urls), Form(("action", "topics"), ("topic", "Events")), Token);
        await InstrumentAsync(campaign, """{"customer_id":"1","email":"a@example.com"}""");
        using var none = await visitor.PostAsync(Unsubscribe(urls), Form(("action", "topics")), Token);
        var refusal = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument", """{"customer_id":"1","email":"a@example.com"}""", 409);
        var lines = await _app.BatchAsync(campaign, [new JsonObject { ["customer_id"] = "1", ["email"] = "a@example.com" }]);
        about["topics"] = new JsonArray("offers");
        var added = await _app.PostAsync($"/api/v1/campaigns/{await _app.GivenDraftAsync(about)}/recipients", JsonNode.Parse("""{"recipients":[{"customer_id":"1","email":"a@example.com"}]}"""));

        Assert.Equal("The recipient wants no mail on the campaign's topics.", (string?)refusal["detail"]);
        Assert.Equal("topics", (string?)lines.Single()["error"]);
        Assert.Equal("topics", (string?)added["suppressed"]!.AsArray().Single()!["reason"]);

        // Everything else still reaches them.
        var (other, _) = await InstrumentAsync(await _app.GivenDraftAsync(), """{"customer_id":"1","email":"a@example.com"}""");
        Assert.NotNull(other["message_id"]);
    }

    private static EmailEvent FromEsp(long message, EventType type, string key) => Some.Event(message, type, key: key, source: EventSource.Webhook) with
    {
        ConnectionId = 1,
        Normalised = "{}",
    };

    private static JsonObject Denying(JsonObject recipient)
    {
        recipient["tracking_consent"] = "denied";
        return recipient;
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private static Uri Unsubscribe(IReadOnlyList<string> urls) => new(urls.First(url => url.StartsWith("/u/", StringComparison.Ordinal)), UriKind.Relative);

    private async Task<(JsonNode Copy, IReadOnlyList<string> Urls)> InstrumentAsync(string campaign, string body)
    {
        var copy = await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse(body));
        return (copy, [.. OurUrl().Matches((string)copy["html"]! + copy["headers"]!["List-Unsubscribe"]).Select(match => match.Groups[1].Value)]);
    }

    // Opens the mail and uses each link, minutes apart; returns what a reader sees.
    private async Task<List<string>> VisitAsync(IReadOnlyList<string> urls)
    {
        var seen = new List<string>();
        using var reader = _app.Anonymous();
        reader.DefaultRequestHeaders.UserAgent.ParseAdd(Some.Firefox);
        foreach (var url in urls.Where(url => !url.StartsWith("/u/", StringComparison.Ordinal)).OrderBy(url => url.StartsWith("/c/", StringComparison.Ordinal)))
        {
            using var answer = await reader.GetAsync(new Uri(url, UriKind.Relative), Token);
            seen.Add($"{(int)answer.StatusCode} {answer.Headers.Location} {Convert.ToHexString(await answer.Content.ReadAsByteArrayAsync(Token))} {string.Join(',', answer.Headers.Select(header => header.Key).Order())}");
            _app.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        await _app.StoredAsync();
        return seen;
    }

    [GeneratedRegex("http://[^/\"'<> ]+(/[ocu]/[0-9a-z]+(?:\\.gif)?)")]
    private static partial Regex OurUrl();
}
