using AngleSharp.Dom;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tracking;

namespace ScoreTracking.Tests.Tracking;

/// <summary>Whole newsletters, as mail tools and people write them. The golden files are read by people.</summary>
public sealed class NewsletterTests
{
    private const string Folder = "Tracking/Newsletters";
    private const string OpenUrl = "https://t.acme.test/o/0p3n?a=1&b=2";

    private static readonly RewriteOptions Options = new(TrackOpens: true, TrackClicks: true, OwnHosts: ["t.acme.test"]);
    private static readonly Dictionary<string, string> NoFields = [];

    public static TheoryData<string> Newsletters { get; } =
    [
        .. Directory.EnumerateFiles(Golden.PathOf(Folder), "*.html")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => !name.EndsWith(".expected", StringComparison.Ordinal))
            .Order(),
    ];

    [Theory, MemberData(nameof(Newsletters))]
    public void A_newsletter_is_instrumented_as_its_golden_file_says(string name)
    {
        var template = MailTemplate.Compile(Source(name), Options, preheader: "For {{first_name}}: 5 < 6 & \"more\" *|X|*");

        var html = template.Render(new MailValues(Click, OpenUrl, "https://t.acme.test/u/un5ub?x=1&y=2", new Dictionary<string, string>
        {
            ["first_name"] = "Zoë \"<b>\" {{email}}",
            ["last_name"] = "O'Neill",
            ["customer_id"] = "42&7",
            ["email"] = "zoe+news@example.com",
            ["chart_id"] = "../a b",
            ["width"] = "",
            ["base_url"] = "javascript:alert(1)",
        }));

        Golden.Matches($"{Folder}/{name}.expected.html", html);
        Golden.Matches($"{Folder}/{name}.links.txt", string.Concat(template.Links.Select(link => $"{link.Position} {link.Url}\n  {link.Label}\n")));
    }

    [Theory, MemberData(nameof(Newsletters))]
    public void Another_parser_sees_nothing_changed_but_link_addresses_and_one_pixel(string name)
    {
        var source = Source(name);
        var template = MailTemplate.Compile(source, Options);
        var pixels = new List<IElement>();

        var changes = MailDom.Changes(source, template.Render(new MailValues(Click, OpenUrl, null, NoFields)), IsPixel);

        Assert.Single(pixels);
        Assert.All(changes, change => Assert.Equal("href", change.Attribute));
        Assert.Equal(template.Links.Select(link => Click(link.Position)), changes.Select(change => change.After).Distinct().Order(StringComparer.Ordinal));

        bool IsPixel(IElement element)
        {
            var found = element.LocalName == "img" && element.GetAttribute("src") == OpenUrl;
            if (found)
            {
                pixels.Add(element);
            }

            return found;
        }
    }

    [Theory, MemberData(nameof(Newsletters))]
    public void Nothing_is_left_of_an_http_link_that_another_parser_finds(string name)
    {
        var template = MailTemplate.Compile(Source(name), Options);

        var rendered = MailDom.Parse(template.Render(new MailValues(Click, OpenUrl, null, NoFields)));

        var untracked = rendered.All.Where(MailDom.MustBeTracked).Select(link => link.GetAttribute("href")!).Where(href => !href.StartsWith("https://t.acme.test/c/", StringComparison.Ordinal));
        string[] tokensOfOtherTools = name == "other-tools" ? ["*|", "%%", "%recipient.", "%date%", "{%", "[[", "<%", "${", "{id}"] : [];
        Assert.DoesNotContain(untracked, href => !tokensOfOtherTools.Any(token => href.Contains(token, StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Newsletters))]
    public void Without_tracking_and_fields_every_byte_stays(string name)
    {
        var source = Source(name);

        Assert.Equal(source, MailTemplate.Compile(source, Options).Render(new MailValues(null, null, null, NoFields)));
        Assert.Equal(source.ReplaceLineEndings("\r\n"), MailTemplate.Compile(source.ReplaceLineEndings("\r\n"), Options).Render(new MailValues(null, null, null, NoFields)));
    }

    // Two digits, so that ordering by text is ordering by position.
    private static string Click(int position) => $"https://t.acme.test/c/{position:00}";

    private static string Source(string name) => File.ReadAllText(Golden.PathOf($"{Folder}/{name}.html"));
}
