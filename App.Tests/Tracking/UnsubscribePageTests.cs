using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

public sealed class UnsubscribePageTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("en", "Unsubscribe?"), InlineData("de-CH", "Abmelden?"), InlineData("fr", "Se désabonner ?"), InlineData("es-MX", "¿Darse de baja?")]
    [InlineData("it", "Annullare l’iscrizione?"), InlineData("pt-BR", "Cancelar a subscrição?"), InlineData("nl", "Uitschrijven?"), InlineData("pl", "Wypisać się?")]
    public async Task The_page_speaks_the_readers_language_and_says_which(string asked, string title)
    {
        var (path, _, _) = await GivenAsync();

        using var answer = await GetAsync(path, asked);
        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Token));

        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        Assert.Contains($"<html lang=\"{asked[..2]}\">", html, StringComparison.Ordinal);
        Assert.Equal(asked[..2], answer.Content.Headers.ContentLanguage.Single());
        Assert.Contains("Accept-Language", answer.Headers.Vary);
    }

    [Fact]
    public async Task The_page_is_plain_and_says_nothing_to_anyone_else()
    {
        var (path, _, _) = await GivenAsync();

        using var answer = await GetAsync(path);
        var html = await answer.Content.ReadAsStringAsync(Token);

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@example.com", html, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.True(html.Length < 6_000);
    }

    [Fact]
    public async Task Topics_are_chosen_one_by_one_and_the_rest_of_what_was_refused_stays()
    {
        var (path, campaign, message) = await GivenAsync(topics: ["Offers", "Events & more", "News"]);
        await ChangeContactAsync(message, contact => contact.RefusedTopics = Topics.Write(["Surveys", "news"]));

        using var asked = await GetAsync(path);
        using var saved = await PostAsync(path, ("action", "topics"), ("topic", "Events & more"), ("topic", "Surveys"), ("topic", "<b>none of ours</b>"));
        var html = await saved.Content.ReadAsStringAsync(Token);
        await _app.StoredAsync();

        Assert.Contains("value=\"News\">", await asked.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("value=\"Offers\" checked>", await asked.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        Assert.Contains("Your choice is saved.", html, StringComparison.Ordinal);
        Assert.Contains("value=\"Events &amp; more\" checked>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("none of ours", html, StringComparison.Ordinal);
        Assert.Equal(["Surveys", "Offers", "News"], Topics.Read((await ContactAsync(message)).RefusedTopics));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Unsubscribed));
    }

    [Fact]
    public async Task A_campaign_that_names_no_topics_offers_none()
    {
        var (path, _, _) = await GivenAsync();

        using var asked = await GetAsync(path);

        Assert.DoesNotContain("checkbox", await asked.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tracking_is_refused_and_allowed_with_one_button_and_the_words_are_kept()
    {
        var (path, _, message) = await GivenAsync();

        using var refused = await PostAsync(path, "de", ("action", "tracking"), ("tracking", "denied"));
        var denied = await ContactAsync(message);
        var afterwards = await _app.StateAsync(message);
        _app.Clock.Advance(TimeSpan.FromMinutes(1));
        using var allowed = await PostAsync(path, ("action", "tracking"), ("tracking", "granted"));
        var granted = await ContactAsync(message);

        Assert.Contains("Tracking erlauben", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal((TrackingConsent.Denied, "unsubscribe_page"), (denied.TrackingConsent, denied.ConsentMethod));
        Assert.Equal("Dieser Absender sieht, ob Sie seine E-Mails öffnen und welche Links Sie nutzen. – Tracking ablehnen", denied.ConsentWording);
        Assert.Equal(TrackingConsent.Denied, afterwards.Consent);
        Assert.Contains("Do not track me", await allowed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(TrackingConsent.Granted, granted.TrackingConsent);
        Assert.Equal(60_000, granted.ConsentAt - denied.ConsentAt);
        Assert.Equal(TrackingConsent.Granted, (await _app.StateAsync(message)).Consent);
    }

    [Fact]
    public async Task Where_nobody_is_tracked_there_is_nothing_to_choose()
    {
        var (path, _, _) = await GivenAsync();
        await _app.Services.GetRequiredService<TrackingPolicy>().ChangeAsync(TrackingMode.Off, null, Token);

        using var asked = await GetAsync(path);

        Assert.DoesNotContain("value=\"tracking\"", await asked.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hostile_names_and_topics_are_text_and_nothing_else()
    {
        const string hostile = "\"><img src=x onerror=alert(1)>";
        var (path, campaign, _) = await GivenAsync(topics: [hostile]);
        await using (var db = _app.Database())
        {
            await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.FromName, hostile), Token);
        }

        using var asked = await GetAsync(path);
        var html = await asked.Content.ReadAsStringAsync(Token);

        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Equal(3, html.Split("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;").Length - 1);
    }

    [Fact]
    public async Task Whoever_is_unsubscribed_already_is_told_so_and_may_still_refuse_tracking()
    {
        var (path, _, _) = await GivenAsync(topics: ["Offers"]);
        using var pressed = await PostAsync(path, ("List-Unsubscribe", "One-Click"));
        await _app.StoredAsync();

        using var again = await GetAsync(path);
        var html = await again.Content.ReadAsStringAsync(Token);

        Assert.Contains("<h1>You are unsubscribed</h1>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(">Unsubscribe</button>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("checkbox", html, StringComparison.Ordinal);
        Assert.Contains("Do not track me", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_was_let_back_on_the_list_leaves_it_again_by_an_old_mail()
    {
        var (path, campaign, message) = await GivenAsync();
        var email = await EmailAsync(message);
        using var first = await PostAsync(path);
        await _app.StoredAsync();
        Assert.Equal(LiftOutcome.Lifted, _app.Services.GetRequiredService<SuppressionList>().Lift(email, "wrote that they want it again", "Ada"));

        _app.Clock.Advance(TimeSpan.FromDays(1));
        using var second = await PostAsync(path);
        using var third = await PostAsync(path);
        await _app.StoredAsync();

        await using var after = _app.Database();
        Assert.True(await after.Suppressions.AnyAsync(s => s.Email == email, Token));
        Assert.Equal(1, (await _app.CountAsync(campaign, EventType.Unsubscribed)).Unique);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_preview_decides_nothing()
    {
        var (_, campaign, message) = await GivenAsync(topics: ["Offers"]);
        var path = $"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(message, Preview: true))}";

        using var unsubscribed = await PostAsync(path);
        using var topics = await PostAsync(path, ("action", "topics"));
        using var tracking = await PostAsync(path, ("action", "tracking"), ("tracking", "denied"));
        await _app.StoredAsync();

        Assert.All([unsubscribed, topics, tracking], answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Unsubscribed));
        Assert.Equal((TrackingConsent.Unknown, "[]"), ((await ContactAsync(message)).TrackingConsent, (await ContactAsync(message)).RefusedTopics));
    }

    [Fact]
    public async Task A_message_that_is_gone_still_has_its_button()
    {
        var path = $"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(987_654))}";

        using var asked = await GetAsync(path);
        using var pressed = await PostAsync(path);
        using var topics = await PostAsync(path, ("action", "topics"));

        Assert.Contains("<form method=\"post\">", await asked.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Contains("You are unsubscribed", await pressed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, topics.StatusCode);
    }

    // P25 of the promises, in small.
    [Fact]
    public async Task Scanners_that_fetch_everything_unsubscribe_nobody()
    {
        var campaign = await _app.GivenCampaignAsync();
        var paths = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            paths.Add(Path(await _app.GivenMessageAsync(campaign)));
        }

        using var client = _app.Anonymous();
        foreach (var agent in (string[])[Some.Firefox, Some.Scanner, "Barracuda Sentinel", "Mozilla/5.0 (compatible; Googlebot/2.1)"])
        {
            await Parallel.ForEachAsync(paths.SelectMany(path => Enumerable.Repeat(path, 12)), Token, async (path, token) =>
            {
                foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
                {
                    using var request = new HttpRequestMessage(method, $"{path}?action=tracking&tracking=denied&List-Unsubscribe=One-Click");
                    request.Headers.UserAgent.ParseAdd(agent);
                    using var answer = await client.SendAsync(request, token);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                }
            });
        }

        await _app.StoredAsync();
        await using var db = _app.Database();
        Assert.Empty(db.Suppressions);
        Assert.Empty(db.Events);
        Assert.Empty(db.Contacts.Where(contact => contact.TrackingConsent != TrackingConsent.Unknown));
    }

    [Fact]
    public async Task Every_POST_unsubscribes_whoever_sends_it_and_counts_once()
    {
        var campaign = await _app.GivenCampaignAsync();
        Func<HttpContent?>[] bodies =
        [
            () => null,
            () => new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]),
            () => new MultipartFormDataContent("b0undary") { { new StringContent("One-Click"), "List-Unsubscribe" } },
            () => new StringContent("List-Unsubscribe=One-Click", Encoding.UTF8, "text/plain"),
            () => new StringContent("{}", Encoding.UTF8, "application/json"),
            () => Typed("not a form at all", "multipart/form-data"),
            () => Typed("--x\r\nbroken", "multipart/form-data; boundary=x"),
            () => new FormUrlEncodedContent([new("action", "tracking"), new("tracking", "sideways")]),
            () => new FormUrlEncodedContent([new("action", "delete everything")]),
            () => Typed(string.Concat(Enumerable.Range(0, 200).Select(i => $"a{i}=1&")), "application/x-www-form-urlencoded"),
        ];
        var messages = new List<long>();
        using var client = _app.Anonymous();

        foreach (var body in bodies)
        {
            foreach (var agent in (string?[])[Some.Firefox, Some.Scanner, "Yahoo-Unsubscribe/1.0 bot", null])
            {
                var message = await _app.GivenMessageAsync(campaign);
                messages.Add(message);
                for (var time = 0; time < 2; time++)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Post, Path(message)) { Content = body() };
                    request.Headers.Add("Origin", "https://elsewhere.example");
                    request.Headers.Add("Sec-Fetch-Site", "cross-site");
                    if (agent is not null)
                    {
                        request.Headers.UserAgent.ParseAdd(agent);
                    }

                    using var answer = await client.SendAsync(request, Token);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                }
            }
        }

        await _app.StoredAsync();
        await using var db = _app.Database();
        Assert.Equal(messages.Count, await db.Suppressions.CountAsync(Token));
        Assert.Equal((messages.Count, messages.Count), await _app.CountAsync(campaign, EventType.Unsubscribed));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_body_without_end_is_refused_and_unsubscribes_nobody()
    {
        var (path, campaign, _) = await GivenAsync();
        using var client = _app.Anonymous();

        using var announced = await client.PostAsync(new Uri(path, UriKind.Relative), Typed(new string('a', 40_000), "application/x-www-form-urlencoded"), Token);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Typed(new string('a', 40_000), "application/x-www-form-urlencoded") };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await client.SendAsync(request, Token);
        await _app.StoredAsync();

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (announced.StatusCode, chunked.StatusCode));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Unsubscribed));
    }

    private static StringContent Typed(string text, string type)
    {
        var content = new StringContent(text);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private async Task<(string Path, long Campaign, long Message)> GivenAsync(string[]? topics = null)
    {
        var campaign = await _app.GivenCampaignAsync();
        await using var db = _app.Database();
        await db.Campaigns.Where(c => c.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(c => c.Topics, Topics.Write(topics ?? [])), Token);
        var message = await _app.GivenMessageAsync(campaign);
        return (Path(message), campaign, message);
    }

    private string Path(long message) => $"/u/{_app.Services.GetRequiredService<TrackingIds>().Write(TrackingKind.Unsubscribe, new TrackingId(message))}";

    private async Task<Contact> ContactAsync(long message)
    {
        await using var db = _app.Database();
        return await db.Messages.Where(m => m.Id == message).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c).SingleAsync(Token);
    }

    private async Task<string> EmailAsync(long message) => (await ContactAsync(message)).Email;

    private async Task ChangeContactAsync(long message, Action<Contact> change)
    {
        var contact = await ContactAsync(message);
        change(contact);
        await using var db = _app.Database();
        db.Update(contact);
        await db.SaveChangesAsync(Token);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string language = "en")
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return await client.GetAsync(new Uri(path, UriKind.Relative), Token);
    }

    private Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) => PostAsync(path, "en", fields);

    private async Task<HttpResponseMessage> PostAsync(string path, string language, params (string Name, string Value)[] fields)
    {
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return await client.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), Token);
    }
}
