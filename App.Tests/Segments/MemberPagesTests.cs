using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Segments;

/// <summary>Leafing through the members of a segment, forwards and back.</summary>
public sealed class MemberPagesTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Every third of 100; every 701st of 20,000, so that pages go over many ranges; none at all.
    [Theory, InlineData(100, 3, 5), InlineData(20_000, 701, 4), InlineData(50, 51, 5), InlineData(40, 4, 5)]
    public async Task Back_shows_the_pages_that_were_shown_on_the_way_there(int contacts, int each, int size)
    {
        await GivenContactsAsync(contacts, each);
        var rule = SegmentRuleJson.Stored("""{"field":"attributes.in","op":"eq","value":true}""");
        var pages = _app.Services.GetRequiredService<MemberPages>();

        var (there, last) = await WalkAsync(pages, rule, size, default, page => page.Next);
        Assert.Equal(Enumerable.Range(1, contacts).Where(id => id % each == 0).Select(id => (long)id), there.SelectMany(page => page.Contacts));
        Assert.Null(there[0].Previous);
        var back = last.Previous is { } previous ? (await WalkAsync(pages, rule, size, previous, page => page.Previous)).Pages : [];

        // A page may have been cut short by the time it took: what counts is everybody once, in order.
        var before = back.AsEnumerable().Reverse().SelectMany(page => page.Contacts).ToList();
        Assert.Equal(there.SkipLast(1).SelectMany(page => page.Contacts).ToHashSet(), before.ToHashSet());
        Assert.All(back, page => Assert.Equal(page.Contacts.Order(), page.Contacts));
        Assert.True(back.Count == 0 || back[^1].Previous is null);
    }

    [Fact]
    public async Task The_page_of_a_segment_goes_on_and_back_and_a_cursor_of_nowhere_shows_its_beginning()
    {
        await GivenContactsAsync(60, 1);
        await _app.SqlAsync("""INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('In', '{"field":"attributes.in","op":"eq","value":true}', 1, 1)""");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var rows = page.Locator("section[aria-labelledby=members] tbody tr");
        await visit.OpenAsync("/segments/seg_1");
        await Expect(rows).ToHaveCountAsync(25);
        await Expect(page.Locator(".pager [aria-disabled]")).ToHaveTextAsync("Previous");

        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("p26@example.com");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(10);
        await Expect(page.Locator(".pager [aria-disabled]")).ToHaveTextAsync("Next");
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("p26@example.com");
        await Expect(rows).ToHaveCountAsync(25);
        Assert.Empty(await Axe.FindingsAsync(visit));
        await page.GetByRole(AriaRole.Link, new() { Name = "Previous" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("p1@example.com");
        await Expect(page.Locator(".pager [aria-disabled]")).ToHaveTextAsync("Previous");

        await visit.OpenAsync("/segments/seg_1?cursor=bm93aGVyZQ");
        await Expect(rows.First).ToContainTextAsync("p1@example.com");
        Assert.Empty(visit.Errors);
    }

    private static async Task<(List<MemberPage> Pages, MemberPage Last)> WalkAsync(MemberPages pages, SegmentRule rule, int size, MemberPlace from, Func<MemberPage, MemberPlace?> beside)
    {
        var walked = new List<MemberPage>();
        for (MemberPlace? place = from; place is { } known;)
        {
            var page = await pages.ReadAsync(rule, known, size, Token);
            Assert.True(page.Contacts.Count <= size);
            walked.Add(page);
            place = beside(page);
        }

        return (walked, walked[^1]);
    }

    private Task GivenContactsAsync(int contacts, int each) => _app.SqlAsync($$"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{contacts}})
        INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at)
        SELECT i, 'c' || i, 'p' || i || '@example.com', CASE WHEN i % {{each}} = 0 THEN '{"in":true}' ELSE '{}' END, 0, 0, 0 FROM n
        """);
}
