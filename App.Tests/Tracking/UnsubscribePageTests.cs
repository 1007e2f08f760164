using System.Net;
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
