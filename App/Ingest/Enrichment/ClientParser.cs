using System.Text.RegularExpressions;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>
/// What a hit was made with, by its user agent and, for opens, by the webmail that showed the image. The layer over
/// <see cref="UserAgentRules"/> that knows mail clients; the first line that fits decides. Slow, some 0.1 ms: <see cref="KnownClients"/> remembers.
/// </summary>
internal static partial class ClientParser
{
    /// <summary>What is longer is cut: no client has more to say, and rules run over every character.</summary>
    public const int MaxLength = 512;

    public const string InApp = "In-app browser";

    private static readonly Lazy<(UserAgentRules Browsers, UserAgentRules Systems)> s_rules = new(UserAgentRules.Load);

    /// <param name="userAgent">As sent; its first 512 characters are read.</param>
    /// <param name="webmail">Name of the webmail whose page asked for the image; null when none did.</param>
    public static Client Parse(EventType type, string userAgent, string? webmail)
    {
        var agent = userAgent.Length > MaxLength ? userAgent[..MaxLength] : userAgent;
        var opened = type == EventType.Opened;
        return agent switch
        {
            _ when Has(agent, "GoogleImageProxy") => Named("Gmail"),
            _ when Has(agent, "YahooMailProxy") => Named("Yahoo Mail"),
            "Mozilla/5.0" => opened ? Named("Apple Mail (privacy)") : Client.Unknown,
            _ when Has(agent, "Outlook-iOS") => Program("Outlook mobile", Has(agent, "iPad") ? Client.Tablet : Client.Mobile, "iOS"),
            _ when Has(agent, "Outlook-Android") => Program("Outlook mobile", Client.Mobile, "Android"),
            _ when Has(agent, "MacOutlook") => Program("Outlook (Mac)", Client.Desktop, "macOS"),
            _ when IsOutlook(agent) => Program("Outlook (Windows)", Client.Desktop, "Windows"),
            _ when MailProgram().Match(agent) is { Success: true } found => Program(ProgramName(found), Client.Desktop, SystemOf(agent)),
            _ when IsBareWebKit(agent) && Has(agent, "Macintosh") => Program("Apple Mail", Client.Desktop, "macOS"),
            _ when IsAppleMobileView(agent) => InMail(agent, opened, "Apple Mail (iOS)", "iOS"),
            _ when IsAndroidView(agent) => InMail(agent, opened, "Android mail app", "Android"),
            _ => Other(agent, opened ? webmail : null),
        };
    }

    private static Client Other(string agent, string? webmail)
    {
        var browser = BrowserName(s_rules.Value.Browsers.Find(agent));
        var name = webmail ?? browser;
        return new Client(0, name, DeviceOf(agent), IsMailProgram(browser) ? "" : browser, SystemOf(agent));
    }

    private static Client Named(string name) => new(0, name, "", "", "");

    private static Client Program(string name, string device, string system) => new(0, name, device, "", system);

    // The system's view of a web page: in a mail it is the mail app, behind a link the app that opened it.
    private static Client InMail(string agent, bool opened, string mailApp, string system) =>
        new(0, opened ? mailApp : InApp, DeviceOf(agent), opened ? "" : InApp, system);

    private static bool IsBareWebKit(string agent) => Has(agent, "AppleWebKit") && !Has(agent, "Version/") && !Has(agent, "Safari/");

    private static bool IsAppleMobileView(string agent) =>
        Has(agent, "AppleWebKit") && !Has(agent, "Safari/") && (Has(agent, "iPhone") || Has(agent, "iPad") || Has(agent, "iPod"));

    private static bool IsOutlook(string agent) => Has(agent, "Microsoft Outlook") || Has(agent, "ms-office") || Has(agent, "MSOffice");

    private static bool IsAndroidView(string agent) => Has(agent, "Dalvik/") || (Has(agent, "Android") && Has(agent, "; wv)"));

    private static string DeviceOf(string agent) => agent switch
    {
        // Says nothing of the screen.
        _ when Has(agent, "Dalvik/") => "",
        _ when Has(agent, "iPad") => Client.Tablet,
        _ when Has(agent, "iPhone") || Has(agent, "iPod") || Has(agent, "Windows Phone") => Client.Mobile,
        _ when Has(agent, "Android") => Has(agent, "Mobile") ? Client.Mobile : Client.Tablet,
        _ when Has(agent, "Windows") || Has(agent, "Macintosh") || Has(agent, "X11") => Client.Desktop,
        _ => "",
    };

    private static string SystemOf(string agent) => s_rules.Value.Systems.Find(agent) switch
    {
        "Other" => "",
        "Mac OS X" or "Mac OS" => "macOS",
        "Chrome OS" => "ChromeOS",
        "ATV OS X" => "tvOS",
        var system => system,
    };

    // One name on the desktop and the telephone: which of the two it was, the device says.
    private static string BrowserName(string found) => found switch
    {
        "Other" or "CFNetwork" => "",
        "Mobile Safari" => "Safari",
        "Mobile Safari UI/WKWebView" or "Chrome Mobile WebView" or "Android" => InApp,
        "Chrome Mobile" or "Chrome Mobile iOS" => "Chrome",
        "Edge Mobile" => "Edge",
        "Opera Mobile" => "Opera",
        "IE" or "IE Mobile" => "Internet Explorer",
        "DuckDuckGo Mobile" => "DuckDuckGo",
        "QQ Browser Mobile" => "QQ Browser",
        "Google" => "Google app",
        _ when found.StartsWith("Firefox ", StringComparison.Ordinal) => "Firefox",
        _ => found,
    };

    // Mail programs the rules themselves know.
    private static bool IsMailProgram(string name) =>
        name is "Apple Mail" or "Outlook" or "Windows Live Mail" or "Lotus Notes" or "Superhuman" or "Lightning";

    private static string ProgramName(Match program) => program.Value.ToUpperInvariant() switch
    {
        "THUNDERBIRD" => "Thunderbird",
        "AIRMAIL" => "Airmail",
        "SPARK" => "Spark",
        "POSTBOX" => "Postbox",
        _ => "eM Client",
    };

    private static bool Has(string agent, string part) => agent.Contains(part, StringComparison.Ordinal);

    // Whole words: a spark is also in "Sparkle".
    [GeneratedRegex(
        "(?<![A-Za-z])(?:Thunderbird|Airmail|Spark|eM ?Client|Postbox)(?![A-Za-z])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 250)]
    private static partial Regex MailProgram();
}
