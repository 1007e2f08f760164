using System.Text.RegularExpressions;
using AngleSharp.Dom;
using FsCheck;
using FsCheck.Fluent;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

/// <summary>Whatever comes in, only our own edits go out.</summary>
public sealed partial class HostileHtmlTests
{
    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: []);
    private static readonly Dictionary<string, string> NoFields = [];
    private static readonly MailValues Untouched = new(null, null, null, NoFields);

    private static readonly string[] Pieces =
    [
        "<a href=\"https://x.test/a?b&amp;c\">", "<a href='http://x.test/{{f}}'>", "<a href=https://x.test/d>", "<A HREF = \"https://x.test/\" title='>' >", "</a>",
        "<area href=https://x.test/>", "<a href=", "<a href='", "<a href=\"", "<a ", "<", "</", "<!", "<?", "<!-", "<!--", "-->", "--!>", "->", ">", "-", "\"", "'", "=", "/", "/>",
        "<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<div class=x>", "</div>", "<img src=x alt=y>", "<br/>",
        "<body>", "</body>", "</html>", "<head>", "<!DOCTYPE html>", "<![CDATA[", "]]>", "<?xml?>",
        "<script>", "</script>", "<style>", "</style >", "<title>", "</title>", "<textarea>", "</textarea/>", "<xmp>", "</xmp>", "<noscript>", "</noscript>",
        "<!--[if mso]>", "<![endif]-->", "<!--[if !mso]><!-->", "<!--<![endif]-->", "<![if !mso]>", "<![endif]>", "<v:rect href='https://x.test/v'>", "</v:rect>",
        "{{name}}", "{{", "}}", "{{ unsubscribe_url }}", "&amp;", "&", "&#", "&#x41;", "text", " ", "\n", "\r\n", "\t", "é", "🎉", "\0", "\uD800", "data-st-notrack",
    ];

    private static Arbitrary<string> Htmlish => Gen.Elements(Pieces).ListOf().Select(string.Concat).Resize(60).ToArbitrary();

    [Fact]
    public void Without_values_any_input_comes_out_as_it_was() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Htmlish, html => Assert.Equal(html, MailTemplate.Compile(html, Options).Render(Untouched))));

    [Fact]
    public void Taking_our_edits_out_again_gives_back_every_byte()
    {
        var links = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Htmlish, html =>
        {
            var template = MailTemplate.Compile(html, Options);
            links += template.Links.Count;

            var rendered = template.Render(new MailValues(position => $"§{position}§", "¶", null, NoFields));

            var pieces = Mark().Split(OpenPixel().Replace(rendered, "", 1));
            Assert.Equal(template.Links.Count, pieces.Length - 1);
            Assert.StartsWith(pieces[0], html, StringComparison.Ordinal);
            var at = pieces[0].Length;
            foreach (var (piece, link) in pieces.Skip(1).Zip(template.Links))
            {
                // The address ends where its quote, a space or the tag does, so the first place that fits is the right one.
                var next = html.IndexOf(piece.Length > 0 ? piece[..1] : "", at + 1, StringComparison.Ordinal);
                var address = LinkAddress.Read(html.AsSpan(at, next - at));
                Assert.True(Destination.TryCanonicaliseTemplate(address, out var url, out _) && url == link.Url, address);
                Assert.StartsWith(piece, html[next..], StringComparison.Ordinal);
                at = next + piece.Length;
            }

            Assert.Equal(html.Length, at);
        }));

        Assert.True(links > 500, $"Only {links} links in all: the test says too little.");
    }

    [Fact]
    public void Another_parser_agrees_on_what_is_a_link_and_sees_nothing_else_changed()
    {
        var changed = 0;

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(Htmlish, html =>
        {
            var template = MailTemplate.Compile(html, Options);

            var rendered = template.Render(new MailValues(position => $"https://t.test/c/{position}", null, null, NoFields));

            var changes = MailDom.Changes(html, rendered);
            changed += changes.Count;
            Assert.All(changes, change => Assert.Matches("^https://t.test/c/[0-9]+$", change.After));
            Assert.All(MailDom.Parse(rendered).All.Where(MailDom.MustBeTracked), link => Assert.StartsWith("https://t.test/c/", link.GetAttribute("href"), StringComparison.Ordinal));
        }));

        Assert.True(changed > 500, $"Only {changed} changes in all: the test says too little.");
    }

    [Fact]
    public void No_value_brings_markup_of_its_own()
    {
        var values = Gen.Elements("\"", "'", "<", ">", "<script>", "-->", "--!>", "-", "]]>", "</title>", "</a>", "{{name}}", "{{", "&", "&lt;", " ", "\n", "=", "`", "x", "javascript:", "https://x.test/", "\0", "é")
            .ListOf().Select(string.Concat).ToArbitrary();
        const string html = """
            <title>{{name}}</title><p class={{name}} id=q>{{name}}<i title='{{name}}' lang="{{name}}"></i>
            <a href={{name}}>x</a><a href="https://x.test/{{name}}">x</a><a href='mailto:{{name}}'>x</a><img alt={{name}}>
            <!--[if mso]><v:rect href='https://x.test/{{name}}' alt={{name}}>{{name}}-></v:rect><i title={{name}}><![endif]--><b>end</b>
            """;
        var template = MailTemplate.Compile(html, Options, "{{name}}");
        var shape = Shape("x");

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(values, value => Assert.Equal(shape, Shape(value))));

        string Shape(string value)
        {
            var document = MailDom.Parse(template.Render(new MailValues(null, "https://t.test/o", null, new Dictionary<string, string> { ["name"] = value })));
            var outlook = MailDom.Parse(document.Descendants<IComment>().Single().TextContent);
            Assert.DoesNotContain(document.All, element => element.GetAttribute("href")?.StartsWith("javascript:", StringComparison.OrdinalIgnoreCase) == true);
            return string.Join(' ', document.All.Concat(outlook.All).Select(element => $"{element.LocalName}[{string.Join(',', element.Attributes.Select(a => a.Name))}]"));
        }
    }

    public static TheoryData<string> Hostile { get; } =
    [
        "<a href=", "<a href=\"", "<a href='https://x.test/", "<a href=https://x.test/", "<a", "<", "</", "</a", "<!", "<!-", "<!--", "<!--[if", "<!--[if mso]>", "<!--[if mso]>-->", "<?",
        "{{", "{{a", "{{a}", "&", "&#", "&#x", "\0", "<\0>", "<a\0href=\0https://x.test/\0>", "\uD800<a href='https://x.test/\uD800'>", "<a href=\"https://x.test/&#xD800;&#1114112;&#99999999999;\">",
        "<svg></math></svg><svg/>", "</svg></svg>", "<script", "<script>", "<script></script", "<script><!--", "<title>", "<plaintext></plaintext>",
    ];

    [Theory, MemberData(nameof(Hostile))]
    public void Broken_pieces_come_out_as_they_were(string html) =>
        Assert.Equal(html, MailTemplate.Compile(html, Options).Render(Untouched));

    public static TheoryData<string> Repeated { get; } =
    [
        "<", "<a", "<a ", "<a href=", "<a href='", "<a href=\"x\" ", "<!--", "<!--[if mso]>", "<!--[if mso]><a href=x><![endif]-->", "<script>", "<script><!--", "</", "</script", "<title>", "<svg>", "<![CDATA[", "<div>", "</div>",
        "{{", "{{{", "{{a", "{{ ", "{{a}}", "<a href={{", "<p x={{a}}>", "&", "&a", "&#1", "&amp", "*|", "%a", "--", "<!-- --", "\0", "<a href=https://x.test/><b>x", "=", "/", " ",
    ];

    // 5 MB of each: with anything quadratic inside, this does not come back.
    [Theory, MemberData(nameof(Repeated))]
    public void Five_megabytes_of_the_same_piece_are_read_once(string piece)
    {
        var html = string.Concat(Enumerable.Repeat(piece, piece.Contains("https", StringComparison.Ordinal) ? 60_000 : 5_000_000 / piece.Length));

        Assert.Equal(html, MailTemplate.Compile(html, Options).Render(Untouched));
    }

    [Fact]
    public void Five_megabytes_inside_one_attribute_are_no_link()
    {
        foreach (var piece in new[] { "%a", "{{a}}", "&amp;", "*|", "é", "\n" })
        {
            var html = $"<a href=\"https://x.test/{string.Concat(Enumerable.Repeat(piece, 5_000_000 / piece.Length))}\">x</a>";

            var template = MailTemplate.Compile(html, Options);

            Assert.Equal(piece == "\n" ? 1 : 0, template.Links.Count);
            Assert.Equal(html, template.Render(Untouched));
        }
    }

    [GeneratedRegex("§[0-9]+§")]
    private static partial Regex Mark();

    [GeneratedRegex("<img src=\"¶\"[^>]*>")]
    private static partial Regex OpenPixel();
}
