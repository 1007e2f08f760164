using Microsoft.AspNetCore.Components;
using ScoreTracking.Components;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Components;

public sealed class FurnitureTests
{
    [Fact]
    public async Task A_tile_shows_a_number_its_rate_and_what_it_means()
    {
        var html = await Rendering.HtmlOfAsync<Metric>(("Label", "Opened"), ("Value", 15_208L), ("In", 40_000L), ("Explain", "Messages opened at least once."));

        Assert.Contains(">15,208<", html);
        Assert.Contains(">38.0%<", html);
        Assert.Contains("title=\"15,208 of 40,000\"", html);
        Assert.Matches("aria-describedby=\"(hint-[0-9a-f]+)\".*id=\"\\1\">Messages opened at least once.", html);
    }

    [Fact]
    public async Task A_number_nobody_reported_is_a_dash_and_not_zero()
    {
        var html = await Rendering.HtmlOfAsync<Metric>(("Label", "Delivered"), ("Value", null), ("In", 40_000L));

        Assert.Contains("metric-value\">&#x2013;<", html);
        Assert.DoesNotContain(">0", html);
    }

    [Fact]
    public async Task A_time_is_shown_in_the_organization_s_zone_and_carries_utc()
    {
        var html = await Rendering.HtmlOfAsync<CascadingValue<TimeZoneInfo>>(
            ("Value", TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")),
            ("ChildContent", (RenderFragment)(builder =>
            {
                builder.OpenComponent<LocalTime>(0);
                builder.AddAttribute(1, "Time", (DateTimeOffset?)new DateTimeOffset(2026, 8, 31, 22, 30, 0, TimeSpan.Zero));
                builder.CloseComponent();
            })));

        Assert.Equal("<time datetime=\"2026-08-31T22:30:00Z\" title=\"1 Sep 2026, 00:30:00 UTC&#x2B;02:00\">1 Sep 2026, 00:30</time>", html.Trim());
        Assert.Equal("&#x2013;", (await Rendering.HtmlOfAsync<LocalTime>(("Time", null))).Trim());
    }

    [Fact]
    public async Task A_choice_lives_in_the_address_and_the_default_leaves_it()
    {
        var html = await Rendering.HtmlOfAsync<Switch>(
            ("Label", "Opens"), ("Name", "opens"), ("Value", "confirmed"), ("Options", new Choice[] { new("all", "All opens"), new("confirmed", "Confirmed") }));

        Assert.Contains("<a href=\"http://localhost/campaigns/7?cursor=abc\">All opens</a>", html);
        Assert.Contains("<a href=\"http://localhost/campaigns/7?opens=confirmed&amp;cursor=abc\" aria-current=\"true\">Confirmed</a>", html);
    }

    [Fact]
    public async Task A_choice_nobody_offers_falls_back_to_the_default()
    {
        var html = await Rendering.HtmlOfAsync<Switch>(
            ("Label", "Opens"), ("Name", "opens"), ("Value", "<x>"), ("Options", new Choice[] { new("all", "All opens"), new("confirmed", "Confirmed") }));

        Assert.Contains("aria-current=\"true\">All opens<", html);
    }

    [Fact]
    public async Task The_default_of_a_choice_need_not_be_its_first()
    {
        var html = await Rendering.HtmlOfAsync<Switch>(
            ("Label", "Opens"), ("Name", "opens"), ("Value", null), ("Default", "confirmed"), ("Options", new Choice[] { new("all", "All opens"), new("confirmed", "Confirmed") }));

        Assert.Contains("<a href=\"http://localhost/campaigns/7?opens=all&amp;cursor=abc\">All opens</a>", html);
        Assert.Contains("<a href=\"http://localhost/campaigns/7?cursor=abc\" aria-current=\"true\">Confirmed</a>", html);
    }

    [Fact]
    public async Task Pages_are_turned_by_links_that_keep_every_filter()
    {
        var middle = await Rendering.HtmlOfAsync<Pager>(("Previous", ""), ("Next", "def"), ("Text", "51–100"));

        Assert.Contains("href=\"http://localhost/campaigns/7?opens=all\">Previous", middle);
        Assert.Contains("href=\"http://localhost/campaigns/7?opens=all&amp;cursor=def\">Next", middle);
        Assert.Equal("", (await Rendering.HtmlOfAsync<Pager>(("Previous", null), ("Next", null))).Trim());
    }

    [Fact]
    public async Task Progress_without_a_known_end_claims_no_share()
    {
        Assert.Contains("<progress value=\"50\" max=\"200\"", await Rendering.HtmlOfAsync<ProgressBar>(("Label", "Import"), ("Value", 50L), ("Max", 200L)));
        Assert.Contains("<progress aria-label", await Rendering.HtmlOfAsync<ProgressBar>(("Label", "Import"), ("Value", 50L)));
        Assert.Contains("<progress value=\"200\" max=\"200\"", await Rendering.HtmlOfAsync<ProgressBar>(("Label", "Import"), ("Value", 201L), ("Max", 200L)));
    }

    [Fact]
    public void Of_many_toasts_the_last_three_are_shown()
    {
        var toasts = new Toasts();
        var changes = 0;
        toasts.Changed += () => changes++;

        foreach (var text in new[] { "one", "two", "three", "four" })
        {
            toasts.Show(text);
        }

        toasts.Dismiss(toasts.Shown[0]);

        Assert.Equal(["three", "four"], toasts.Shown.Select(toast => toast.Text));
        Assert.Equal(5, changes);
    }
}
