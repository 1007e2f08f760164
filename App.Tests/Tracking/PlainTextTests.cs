using System.Diagnostics;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

/// <summary>The plain text that is made of HTML for readers without it. The golden files are read by people.</summary>
public sealed class PlainTextTests
{
    private const string Unsubscribe = "https://t.acme.test/u/un5ub";

    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: ["t.acme.test"]);

    private static readonly Dictionary<string, string> Ana = new() { ["first_name"] = "Ana", ["customer_id"] = "4 2", ["vip"] = "true" };

    [Fact]
    public void A_letter_reads_as_its_golden_file_says_tracked_and_untracked()
    {
        var template = MailTemplate.Compile(Letter(), Options);

        Golden.Matches("Tracking/PlainTexts/letter.tracked.txt", template.RenderText(Tracked(Ana)));
        Golden.Matches("Tracking/PlainTexts/letter.untracked.txt", template.RenderText(new MailValues(null, null, Unsubscribe, new Dictionary<string, string>()) { FillsAll = true }));
    }

    [Theory, MemberData(nameof(NewsletterTests.Newsletters), MemberType = typeof(NewsletterTests))]
    public void Newsletters_read_as_their_golden_files_say(string name)
    {
        var html = File.ReadAllText(Golden.PathOf($"Tracking/Newsletters/{name}.html"));

        Golden.Matches($"Tracking/PlainTexts/{name}.txt", MailTemplate.Compile(html, Options).RenderText(Tracked(Ana)));
    }

    [Fact]
    public void No_line_is_longer_than_76_characters_unless_a_word_is_and_none_ends_in_a_space()
    {
        var text = MailTemplate.Compile(Letter(), Options).RenderText(Tracked(Ana));

        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 76 || line.Trim().Count(c => c == ' ') <= 1, line));
        Assert.All(text.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        Assert.DoesNotContain("\n\n\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
    }

    [Fact]
    public void A_link_is_the_same_link_as_in_the_HTML()
    {
        var template = MailTemplate.Compile(Letter(), Options);
        var followed = new List<int>();

        template.RenderText(Tracked(Ana) with { ClickUrl = position => { followed.Add(position); return $"https://t.acme.test/c/{position}"; } });

        Assert.Equal(
            ["https://acme.example/", "https://acme.example/offer", "https://www.acme.example/spring/", "https://acme.example/vip?who={{customer_id}}", "https://acme.example/button"],
            followed.Select(position => template.Links[position - 1].Url));
    }

    [Theory]
    [InlineData("<p>a</p><p>b</p>", "a\n\nb")]
    [InlineData("<div>a</div><div>b</div>", "a\nb")]
    [InlineData("a<br>b<br><br>c<br><br><br><br>d", "a\nb\n\nc\n\nd")]
    [InlineData("<p> a <b> b</b>c  </p>", "a bc")]
    [InlineData("", "")]
    [InlineData("<img src=x>", "")]
    [InlineData("<head><title>x</title><p>after a head left open</p>", "after a head left open")]
    [InlineData("<p style='display:none'>x<p>seen", "seen")]
    [InlineData("<div style='display: none !important'>x<div>y</div>z</div>seen", "seen")]
    [InlineData("<template>x</template>seen", "seen")]
    [InlineData("<li>loose</li></ul></blockquote>end", "loose\n\nend")]
    [InlineData("<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "1. a\n2. b\n   - c")]
    [InlineData("<a href='https://a.example/x'>https://a.example/x</a>", "https://a.example/x")]
    [InlineData("<a href='https://a.example/x y'>z</a>", "z (https://a.example/x%20y)")]
    [InlineData("<a href='javascript:alert(1)'>z</a>", "z")]
    [InlineData("<a href='{{nobody}}'>z</a>.", "z.")]
    [InlineData("<a href='https://a.example/{{who}}'>{{who}}</a>", "A & <b> (https://a.example/A%20%26%20%3Cb%3E)")]
    [InlineData("<img alt='for {{who}}'>", "for A & <b>")]
    [InlineData("{{#if who}}<p>yes</p>{{else}}<p>no</p>{{/if}}", "yes")]
    [InlineData("<p>{{#if nobody}}x</p><ul><li>y</li></ul><p>{{/if}}z</p>", "z")]
    [InlineData("<p>{{#if open}}x", "{{#if open}}x")]
    [InlineData("<p>{{lines}}</p>", "one\ntwo")]
    [InlineData("<a href='https://a.example/x'><p>a</p><p>b c</p></a><p>d</p>", "a\n\nb c (https://a.example/x)\n\nd")]
    [InlineData("<blockquote><p>a</p><p>b</p><p>c</p></blockquote><p>d</p><p>e</p>", "> a\n\n> b\n\n> c\n\nd\n\ne")]
    [InlineData("<p>a</p><p> </p><p>b<br><br>c</p><div>d</div>", "a\n\nb\n\nc\n\nd")]
    public void What_stands_in_HTML_is_read_as_people_would_write_it(string html, string text) =>
        Assert.Equal(text, MailTemplate.Compile(html, Options with { TrackClicks = false }).RenderText(
            new MailValues(null, null, Unsubscribe, new Dictionary<string, string> { ["who"] = "A & <b>", ["lines"] = "one\r\ntwo" }) { FillsAll = true }));

    [Fact]
    public void Making_it_takes_time_linear_to_the_length()
    {
        foreach (var piece in new[] { "<ul><li>", "<blockquote>", "<a href='https://a.example/x'>", "<p style='display:none'>", "word ", "&nbsp;", "<pre> ", "<b>x</b>", "{{#if a}}", "<div hidden>" })
        {
            var html = string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length));
            var watch = Stopwatch.StartNew();

            _ = MailTemplate.Compile(html, Options with { TrackClicks = false }).RenderText(Tracked(Ana));

            // Were it quadratic, it would take minutes.
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{piece} took {watch.Elapsed}");
        }
    }

    private static MailValues Tracked(Dictionary<string, string> fields) =>
        new(position => $"https://t.acme.test/c/{position}", "https://t.acme.test/o/0p3n", Unsubscribe, fields) { FillsAll = true };

    private static string Letter() => File.ReadAllText(Golden.PathOf("Tracking/PlainTexts/letter.html"));
}
