using System.Diagnostics;
using System.Text.RegularExpressions;
using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;

namespace ScoreTracking.Tests.Ingest;

/// <summary>What user agents as mail clients and browsers send them stand for.</summary>
public sealed class ClientParserTests
{
    private const string ChromeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string IphoneView = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string IpadView = "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string AndroidView = "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.7390.70 Mobile Safari/537.36";

    // The rows of the mail clients' table, in its order.
    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Gmail", "", "")]
    [InlineData("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "Yahoo Mail", "", "")]
    [InlineData("Mozilla/5.0", "Apple Mail (privacy)", "", "")]
    [InlineData("Outlook-iOS/723.4027091.prod.iphone (4.28.0)", "Outlook mobile", "mobile", "iOS")]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Outlook-iOS/2.0", "Outlook mobile", "tablet", "iOS")]
    [InlineData("Outlook-Android/2.0", "Outlook mobile", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0 Mobile Safari/537.36 Outlook-Android/4.2431", "Outlook mobile", "mobile", "Android")]
    [InlineData("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.18129; Pro)", "Outlook (Windows)", "desktop", "Windows")]
    [InlineData("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "Outlook (Windows)", "desktop", "Windows")]
    [InlineData("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; WOW64; Trident/7.0; MSOffice 12)", "Outlook (Windows)", "desktop", "Windows")]
    [InlineData("MacOutlook/16.78.23100802 (Intelx64 Mac OS X Version 14.1 (Build 23B74))", "Outlook (Mac)", "desktop", "macOS")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0", "Thunderbird", "desktop", "Linux")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.5.2", "Thunderbird", "desktop", "Windows")]
    [InlineData("Airmail 3.6 rv:560 (Macintosh; Mac OS X 10.15.7; en_GB)", "Airmail", "desktop", "macOS")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Spark/3.18", "Spark", "desktop", "macOS")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) eM Client/10.1.4828 Chrome/126.0 Safari/537.36", "eM Client", "desktop", "Windows")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.13; rv:52.0) Gecko/20100101 PostboxApp/7.0.59 Postbox/7.0.59", "Postbox", "desktop", "macOS")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", "Apple Mail", "desktop", "macOS")]
    [InlineData(IphoneView, "Apple Mail (iOS)", "mobile", "iOS")]
    [InlineData(IpadView, "Apple Mail (iOS)", "tablet", "iOS")]
    [InlineData(AndroidView, "Android mail app", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (Linux; Android 13; SM-X910; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.7390.70 Safari/537.36", "Android mail app", "tablet", "Android")]
    [InlineData("Dalvik/2.1.0 (Linux; U; Android 13; SM-S918B Build/TP1A.220624.014)", "Android mail app", "", "Android")]
    public void An_open_in_a_mail_client_is_that_client(string agent, string client, string device, string os) =>
        Assert.Equal(new Client(0, client, device, "", os), ClientParser.Parse(EventType.Opened, agent, webmail: null));

    [Theory]
    [InlineData(IphoneView, "mobile", "iOS")]
    [InlineData(IpadView, "tablet", "iOS")]
    [InlineData(IphoneView + " [FBAN/FBIOS;FBAV/480.0.0;FBBV/1]", "mobile", "iOS")]
    [InlineData(AndroidView, "mobile", "Android")]
    [InlineData("Dalvik/2.1.0 (Linux; U; Android 13; SM-S918B Build/TP1A.220624.014)", "", "Android")]
    public void A_click_in_an_apps_own_view_is_an_in_app_browser(string agent, string device, string os) =>
        Assert.Equal(new Client(0, "In-app browser", device, "In-app browser", os), ClientParser.Parse(EventType.Clicked, agent, webmail: null));

    [Theory]
    [InlineData(ChromeWindows, "Chrome", "desktop", "Windows")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36", "Chrome", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome", "tablet", "Android")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.7390.69 Mobile/15E148 Safari/604.1", "Chrome", "mobile", "iOS")]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome", "desktop", "ChromeOS")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", "Safari", "mobile", "iOS")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", "Safari", "desktop", "macOS")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox", "desktop", "Linux")]
    [InlineData("Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "Firefox", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/143.0 Mobile/15E148 Safari/605.1.15", "Firefox", "mobile", "iOS")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge", "desktop", "Windows")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0.0.0", "Edge", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet", "mobile", "Android")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 OPR/123.0.0.0", "Opera", "desktop", "Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer", "desktop", "Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 YaBrowser/25.8.0.0 Safari/537.36", "Yandex Browser", "desktop", "Windows")]
    public void A_browser_is_itself_for_opens_and_clicks(string agent, string browser, string device, string os)
    {
        Assert.Equal(new Client(0, browser, device, browser, os), ClientParser.Parse(EventType.Clicked, agent, webmail: null));
        Assert.Equal(new Client(0, browser, device, browser, os), ClientParser.Parse(EventType.Opened, agent, webmail: null));
    }

    [Theory]
    [InlineData("outlook.live.com", "Outlook.com")]
    [InlineData("outlook.office365.com", "Outlook (web)")]
    [InlineData("de.mail.yahoo.com", "Yahoo Mail")]
    [InlineData("3c.GMX.net", "GMX")]
    [InlineData("e.mail.ru", "Mail.ru")]
    [InlineData("mail.proton.me", "Proton Mail")]
    public void An_open_on_a_webmails_page_is_that_webmail_in_its_browser(string host, string webmail)
    {
        Assert.Equal(webmail, Webmails.Find(host));
        Assert.Equal(new Client(0, webmail, "desktop", "Chrome", "Windows"), ClientParser.Parse(EventType.Opened, ChromeWindows, Webmails.Find(host)));
        Assert.Equal("Chrome", ClientParser.Parse(EventType.Clicked, ChromeWindows, Webmails.Find(host)).Name);
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("notgmx.net")]
    [InlineData("gmx.net.example.com")]
    [InlineData("com")]
    [InlineData("...")]
    public void Another_page_is_no_webmail(string host) => Assert.Null(Webmails.Find(host));

    [Theory]
    [InlineData("")]
    [InlineData("Hello")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("=cmd|' /C calc'!A0")]
    [InlineData("<b>Anything</b>/1.0 CFNetwork/1.0 Darwin/22")]
    [InlineData("AnyBot/1.0")]
    [InlineData("Sparkle/2.0")]
    public void What_no_rule_spells_out_stays_unknown(string agent)
    {
        var client = ClientParser.Parse(EventType.Clicked, agent, webmail: null);

        Assert.Equal(("", "", ""), (client.Name, client.Browser, client.Device));
    }

    [Fact]
    public void All_rules_of_the_file_are_read()
    {
        var (browsers, systems) = UserAgentRules.Load();

        Assert.Equal((350, 197), (browsers.Patterns.Count(), systems.Patterns.Count()));
    }

    // What spares most expressions may never spare one that matches.
    [Fact]
    public void A_rule_is_only_passed_over_where_it_does_not_match()
    {
        var (browsers, systems) = UserAgentRules.Load();
        var agents = typeof(ClientParserTests).GetMethods().SelectMany(method => method.GetCustomAttributes(typeof(InlineDataAttribute), inherit: false))
            .Select(data => (string)((InlineDataAttribute)data).Data[0]!).ToList();
        var passedOver = 0;

        foreach (var pattern in browsers.Patterns.Concat(systems.Patterns))
        {
            var (expression, required) = (new Regex(pattern, RegexOptions.CultureInvariant), RequiredText.Of(pattern));
            foreach (var agent in agents)
            {
                var mayMatch = required.IsIn(agent.ToLowerInvariant());
                Assert.True(mayMatch || !expression.IsMatch(agent), $"{pattern} matches {agent}");
                passedOver += mayMatch ? 0 : 1;
            }
        }

        Assert.True(passedOver > 547 * agents.Count * 0.9, $"Only {passedOver} of {547 * agents.Count} were passed over.");
    }

    [Theory]
    [InlineData("(Firefox)/(\\d+)", "FIREFOX/1", true)]
    [InlineData("(Firefox)/(\\d+)", "Firefox 1", false)]
    [InlineData("a(?:b|c)?d", "xad", true)]
    [InlineData("(?:One|Two)[Bb]ot", "two", true)]
    [InlineData("(?:One|Two)[Bb]ot", "three", false)]
    [InlineData("x{0,3}y+z", "yz", true)]
    [InlineData("x{2}y", "xy", true)]
    [InlineData("(?:a|)b", "b", true)]
    [InlineData("[^/]+\\.go$", ".go", true)]
    [InlineData("[\\]x]end", "end", true)]
    [InlineData(".*", "", true)]
    public void What_an_expression_needs_is_read_from_it(string pattern, string text, bool mayMatch) =>
        Assert.Equal(mayMatch, RequiredText.Of(pattern).IsIn(text.ToLowerInvariant()));

    [Fact]
    public void A_file_of_another_shape_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => UserAgentRules.Read(new StringReader("user_agent_parsers:\n  - regex: \"double\"\n")));
        Assert.Throws<InvalidDataException>(() => UserAgentRules.Read(new StringReader("os_parsers:\n  - regex: 'only systems'\n")));
    }

    // Each is made to keep regular expressions busy; 512 characters of it are looked at.
    [Theory]
    [InlineData("Mozilla Mobile ")]
    [InlineData("[FB;;;;")]
    [InlineData("a")]
    [InlineData("iPhone; CPU OS ")]
    [InlineData("Android Mozilla ")]
    [InlineData("bot bot-")]
    [InlineData("/1.1.1.1")]
    [InlineData("Chrome/1.1 Version/")]
    public void No_user_agent_keeps_the_writer_for_long(string part)
    {
        var agent = string.Concat(Enumerable.Repeat(part, 100_000 / part.Length));
        ClientParser.Parse(EventType.Opened, agent, webmail: null);

        var started = Stopwatch.GetTimestamp();
        ClientParser.Parse(EventType.Opened, agent, webmail: null);

        // Each of the two lists gives up after 250 ms; without that it would take minutes.
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"{part}: {Stopwatch.GetElapsedTime(started)}");
    }
}
