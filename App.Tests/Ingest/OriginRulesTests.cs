using ScoreTracking.Events;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>Rules 0 to 7 of docs/numbers.md: what a hit alone says of who made it.</summary>
public sealed class OriginRulesTests
{
    private const string OutlookMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";

    [Theory]
    [InlineData("Mozilla/5.0", Verdict.Privacy, VerdictReasons.BareMozilla)]
    [InlineData(" Mozilla/5.0 ", Verdict.Privacy, VerdictReasons.BareMozilla)]
    [InlineData("Mozilla/5.0 (X11)", Verdict.Human, VerdictReasons.None)]
    [InlineData("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", Verdict.Proxy, VerdictReasons.ImageProxy)]
    [InlineData("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", Verdict.Proxy, VerdictReasons.ImageProxy)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0", Verdict.Prefetch, VerdictReasons.LegacyGmailPrefetch)]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246", Verdict.Human, VerdictReasons.None)]
    [InlineData("", Verdict.Scanner, VerdictReasons.NoUserAgent)]
    [InlineData("  ", Verdict.Scanner, VerdictReasons.NoUserAgent)]
    [InlineData(null, Verdict.Scanner, VerdictReasons.NoUserAgent)]
    [InlineData(Some.Firefox, Verdict.Human, VerdictReasons.None)]
    [InlineData(OutlookMac, Verdict.Human, VerdictReasons.BareWebKit)]
    [InlineData(OutlookMac + " Safari/605.1.15", Verdict.Human, VerdictReasons.None)]
    [InlineData(OutlookMac + " Version/18.6", Verdict.Human, VerdictReasons.None)]
    [InlineData("(KHTML, like Gecko)", Verdict.Human, VerdictReasons.None)]
    public void An_open_is_judged_by_its_user_agent(string? agent, Verdict verdict, VerdictReasons reasons) =>
        Assert.Equal((verdict, reasons), OriginRules.Judge(Hit(EventType.Opened, agent)));

    [Theory]
    [InlineData("Barracuda Sentinel (EE)"), InlineData("Mozilla/5.0 (compatible; Mimecast)"), InlineData("Proofpoint-URL-Defense/2"), InlineData("urldefense.com"), InlineData("Microsoft SafeLinks")]
    [InlineData("Trend Micro WRS"), InlineData("TrendMicro"), InlineData("Zscaler"), InlineData("python-requests/2.32"), InlineData("curl/8.5.0"), InlineData("Go-http-client/2.0"), InlineData("Wget/1.21")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36"), InlineData("Slackbot-LinkExpanding 1.0"), InlineData("Java/17.0.2")]
    public void Scanners_and_programs_are_known_by_name(string agent) =>
        Assert.Equal((Verdict.Scanner, VerdictReasons.ScannerName), OriginRules.Judge(Hit(EventType.Clicked, agent)));

    [Theory]
    [InlineData("Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; curlysoft) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; Javazon) Chrome/141.0.0.0")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) Zscalerless/1.0")]
    public void A_name_inside_another_word_is_nobodys(string agent) => Assert.Equal(Verdict.Human, OriginRules.Judge(Hit(EventType.Clicked, agent)).Verdict);

    [Fact]
    public void The_privacy_proxy_fetches_images_so_a_click_under_its_name_is_a_scanners() =>
        Assert.Equal((Verdict.Scanner, VerdictReasons.BareMozilla), OriginRules.Judge(Hit(EventType.Clicked, "Mozilla/5.0")));

    [Fact]
    public void Bare_webkit_says_something_of_opens_only() =>
        Assert.Equal((Verdict.Human, VerdictReasons.None), OriginRules.Judge(Hit(EventType.Clicked, OutlookMac)));

    [Fact]
    public void A_report_from_outside_may_not_know_the_user_agent() =>
        Assert.Equal((Verdict.Human, VerdictReasons.None), OriginRules.Judge(Hit(EventType.Opened, null) with { Source = EventSource.Api }));

    [Fact]
    public void What_the_door_knows_comes_before_what_the_user_agent_says() =>
        Assert.Equal(
            (Verdict.Self, VerdictReasons.PreviewToken),
            OriginRules.Judge(Hit(EventType.Opened, Some.Scanner) with { KnownVerdict = Verdict.Self, KnownReasons = VerdictReasons.PreviewToken }));

    [Theory]
    [InlineData(EventType.Delivered), InlineData(EventType.Bounced), InlineData(EventType.Unsubscribed)]
    public void Only_hits_have_a_verdict(EventType type) => Assert.Equal((Verdict.None, VerdictReasons.None), OriginRules.Judge(Hit(type, Some.Scanner)));

    private static EmailEvent Hit(EventType type, string? agent) => new()
    {
        Type = type,
        Source = EventSource.Tracking,
        OccurredAt = Some.Noon,
        ReceivedAt = Some.Noon,
        UserAgent = agent,
    };
}
