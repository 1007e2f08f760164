using System.Text.Json.Nodes;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Contacts;

public sealed class ContactListTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_most_engaged_come_first_and_whoever_never_engaged_last()
    {
        var people = await GivenPeopleAsync();

        var rows = await _app.AllAsync("");
        var ascending = await _app.AllAsync("sort=engagement_score");

        var expected = people.OrderByDescending(person => person.Score).ThenByDescending(person => person.Number).ToList();
        Assert.Equal(expected.Select(person => person.Email), rows.Emails());
        Assert.Equal(expected.Select(person => person.Score), rows.Select(row => (double)row["engagement_score"]!));
        Assert.Equal(rows.Emails().Reverse(), ascending.Emails());
        Assert.Equal(0, (double)rows[^1]["engagement_score"]!);
        Assert.Null((string?)rows[^1]["last_engaged_at"]);
    }

    [Theory, InlineData("-engagement_score"), InlineData("engagement_score"), InlineData("-created_at"), InlineData("created_at"), InlineData("email"), InlineData("-email")]
    public async Task Pages_of_any_size_hold_everybody_once_and_lead_back_the_way_they_came(string sort)
    {
        await GivenPeopleAsync();
        var whole = (await _app.ListAsync($"sort={sort}&limit=500"))["data"]!.AsArray().Emails();

        foreach (var limit in new[] { 1, 3, 10, 29, 30 })
        {
            Assert.Equal(whole, (await _app.AllAsync($"sort={sort}", limit)).Emails());
        }

        await using var db = _app.Database();
        var filter = ScoreTracking.Contacts.ContactFilter.Read(null, null, null, null, sort, []);
        var page = await ReadAsync(null);
        var forth = new List<string[]>();
        while (true)
        {
            forth.Add([.. page.Rows.Select(row => row.Email)]);
            if (page.Next is null)
            {
                break;
            }

            page = await ReadAsync(page.Next);
        }

        for (var at = forth.Count - 2; at >= 0; at--)
        {
            page = await ReadAsync(page.Previous);
            Assert.Equal(forth[at], page.Rows.Select(row => row.Email));
        }

        Assert.Null(page.Previous);
        Assert.Equal(whole, forth.SelectMany(emails => emails));

        Task<ScoreTracking.Contacts.ContactsPageRows> ReadAsync(string? cursor) =>
            ScoreTracking.Contacts.ContactsQuery.RunAsync(db, filter, cursor, 7, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_least_score_leaves_out_exactly_those_who_show_less()
    {
        var people = await GivenPeopleAsync();
        foreach (var least in new[] { "0", "5", "6.7", "29.3", "29.31", "40", "99.9" })
        {
            var number = double.Parse(least, System.Globalization.CultureInfo.InvariantCulture);
            foreach (var sort in new[] { "-engagement_score", "engagement_score", "email", "-created_at" })
            {
                var rows = await _app.AllAsync($"min_score={least}&sort={sort}");

                Assert.Equal(people.Where(person => person.Score >= number).Select(person => person.Email).Order(), rows.Emails().Order());
            }
        }

        _app.Clock.Advance(TimeSpan.FromDays(30));
        Assert.All(await _app.AllAsync("min_score=5"), row => Assert.True((double)row["engagement_score"]! >= 5));
    }

    [Theory, InlineData("", 30), InlineData("person1", 11), InlineData("PERSON2@", 1), InlineData("id-7", 1), InlineData("nobody", 0), InlineData("person%", 0), InlineData("' OR 1=1", 0)]
    public async Task People_are_found_by_the_beginning_of_their_address_or_their_whole_customer_id(string text, int found)
    {
        await GivenPeopleAsync();

        foreach (var sort in new[] { "", "&sort=-engagement_score", "&sort=engagement_score", "&sort=created_at", "&sort=-email" })
        {
            Assert.Equal(found, (await _app.AllAsync($"q={Uri.EscapeDataString(text)}{sort}", 4)).Count);
        }

        Assert.Equal(found, (int)(await _app.ListAsync($"count=true&q={Uri.EscapeDataString(text)}"))["count"]!);
    }

    [Fact]
    public async Task An_address_in_its_own_letters_finds_the_one_in_ascii()
    {
        await _app.AddAsync("1", "ana@b\u00fccher.example");

        var found = await _app.ListAsync($"q={Uri.EscapeDataString("ana@b\u00fccher.example")}");

        Assert.Equal(["ana@xn--bcher-kva.example"], found["data"]!.AsArray().Emails());
    }

    [Fact]
    public async Task The_list_tells_who_is_suppressed_and_why_and_filters_by_it_and_by_consent()
    {
        await GivenPeopleAsync();
        await _app.SuppressAsync("person3@example.com", "hard_bounce");
        await _app.PutAsync("id-4", new JsonObject { ["tracking_consent"] = "denied" });

        var suppressed = await _app.AllAsync("suppressed=true");
        var reachable = await _app.AllAsync("suppressed=false&sort=email");
        var refused = await _app.AllAsync("tracking_consent=denied");

        Assert.Equal(["person3@example.com"], suppressed.Emails());
        Assert.Equal("hard_bounce", (string)suppressed[0]["suppression"]!["reason"]!);
        Assert.Equal(29, reachable.Count);
        Assert.All(reachable, row => Assert.Null(row["suppression"]));
        Assert.Equal(["person4@example.com"], refused.Emails());
        Assert.Empty(await _app.AllAsync("tracking_consent=denied&suppressed=true"));
    }

    [Fact]
    public async Task A_cursor_fits_its_list_its_filter_and_nothing_else()
    {
        await GivenPeopleAsync();
        var cursor = (string)(await _app.ListAsync("limit=5"))["next_cursor"]!;
        var altered = cursor[..^2] + (cursor[^2] == 'A' ? 'B' : 'A') + cursor[^1];

        foreach (var query in new[] { $"sort=email&cursor={cursor}", $"q=person&cursor={cursor}", $"min_score=1&cursor={cursor}", $"suppressed=false&cursor={cursor}", $"cursor={altered}", "cursor=x", "cursor=%00" })
        {
            await _app.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}?{query}", null, 422);
        }

        var other = (string)(await _app.ListAsync("limit=1", "/api/v1/events"))["next_cursor"]!;
        await _app.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}?cursor={other}", null, 422);
    }

    [Theory]
    [InlineData("sort=score", "sort")]
    [InlineData("sort=-email,created_at", "sort")]
    [InlineData("min_score=-1", "min_score")]
    [InlineData("min_score=100.1", "min_score")]
    [InlineData("min_score=NaN", "min_score")]
    [InlineData("min_score=1e1", "min_score")]
    [InlineData("min_score=ten", "min_score")]
    [InlineData("tracking_consent=yes", "tracking_consent")]
    [InlineData("suppressed=1", "suppressed")]
    [InlineData("segment_id=seg_1", "segment_id")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("q=a%07b", "q")]
    public async Task What_the_list_cannot_be_asked_is_said_with_its_field(string query, string field)
    {
        var problem = await _app.RefusedAsync(HttpMethod.Get, $"{ContactApi.Path}?{query}", null, 422);

        Assert.NotNull(problem["errors"]![field]);
    }

    // Thirty people: every third never engaged, the others opened once and some clicked or replied, a few at the very same time.
    private async Task<List<(int Number, string Email, double Score)>> GivenPeopleAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var people = new List<(int, string, double)>();
        for (var i = 1; i <= 30; i++)
        {
            await _app.AddAsync($"id-{i}", $"person{i}@example.com");
            var message = await _app.GivenMessageAsync(campaign, contactId: i);
            var at = -TimeSpan.FromDays(i / 5);
            var events = new List<EmailEvent> { Some.Event(message, EventType.Sent, -TimeSpan.FromDays(20)) };
            var score = 0.0;
            if (i % 3 != 0)
            {
                events.Add(Some.Event(message, EventType.Opened, at));
                score += 1;
            }

            if (i % 3 == 1 && i % 2 == 0)
            {
                events.Add(Some.Event(message, EventType.Clicked, at, linkId: link));
                score += 5;
            }

            if (i % 10 == 1)
            {
                events.Add(Some.Event(message, EventType.Replied, at));
                score += 20;
            }

            await _app.StoreAsync(events);
            people.Add((i, $"person{i}@example.com", EngagementScore.Shown(score * Math.Pow(2, at.TotalDays / 30))));
        }

        return people;
    }
}
