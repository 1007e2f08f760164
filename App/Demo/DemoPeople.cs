namespace ScoreTracking.Demo;

/// <summary>What someone reads mail with, and what a link then opens in.</summary>
/// <param name="Webmail">Host of the webmail's page, null for a program.</param>
internal sealed record DemoClient(string Opens, string Clicks, string? Webmail = null);

/// <summary>Whose mailboxes the demo's readers have, and what they read with: roughly as it is told of newsletters.</summary>
internal static class DemoPeople
{
    public const string GmailProxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";

    private const string YahooProxy = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html";
    private const string ChromeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string EdgeWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0";
    private const string FirefoxWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";
    private const string FirefoxLinux = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    private const string SafariMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15";
    private const string ChromeMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string SafariIphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
    private const string SafariIpad = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
    private const string ChromeAndroid = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36";
    private const string ChromeTablet = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
    private const string Samsung = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36";
    private const string MailIphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string MailIpad = "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";
    private const string MailMac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    private const string MailAndroid = "Mozilla/5.0 (Linux; Android 15; SM-S931B Build/AP3A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.7390.70 Mobile Safari/537.36";
    private const string OutlookWindows = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)";
    private const string OutlookMac = "MacOutlook/16.101.25080517 (Intelx64 Mac OS X Version 15.6 (Build 24G84))";
    private const string OutlookIphone = "Outlook-iOS/723.4027091.prod.iphone (4.28.0)";
    private const string OutlookAndroid = "Outlook-Android/2.0";
    private const string Thunderbird = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.3.0";

    private static readonly DemoClient[] s_gmail =
    [
        new(GmailProxy, ChromeAndroid), new(GmailProxy, ChromeWindows), new(GmailProxy, SafariIphone), new(GmailProxy, ChromeMac), new(GmailProxy, Samsung),
        new(GmailProxy, ChromeTablet), new(MailIphone, SafariIphone), new(MailAndroid, ChromeAndroid), new(MailIphone, MailIphone),
    ];

    private static readonly DemoClient[] s_outlook =
    [
        new(ChromeWindows, ChromeWindows, "outlook.live.com"), new(EdgeWindows, EdgeWindows, "outlook.live.com"), new(OutlookIphone, SafariIphone),
        new(OutlookAndroid, ChromeAndroid), new(MailIphone, SafariIphone), new(SafariMac, SafariMac, "outlook.live.com"),
    ];

    private static readonly DemoClient[] s_apple = [new(MailIphone, SafariIphone), new(MailIphone, SafariIphone), new(MailMac, SafariMac), new(MailIpad, SafariIpad)];

    private static readonly DemoClient[] s_german =
    [
        new(FirefoxWindows, FirefoxWindows, "3c.gmx.net"), new(ChromeWindows, ChromeWindows, "3c.web.de"), new(Thunderbird, FirefoxWindows), new(MailAndroid, Samsung),
    ];

    private static readonly DemoClient[] s_work =
    [
        new(OutlookWindows, EdgeWindows), new(OutlookWindows, ChromeWindows), new(OutlookWindows, EdgeWindows), new(OutlookMac, SafariMac),
        new(EdgeWindows, EdgeWindows, "outlook.office.com"), new(OutlookIphone, SafariIphone), new(MailMac, ChromeMac), new(Thunderbird, FirefoxLinux),
    ];

    // By how many of a hundred readers are there.
    private static readonly (string Domain, int Readers, DemoClient[] Clients)[] s_mailboxes =
    [
        ("gmail.com", 38, s_gmail), ("outlook.com", 8, s_outlook), ("hotmail.com", 6, s_outlook), ("yahoo.com", 8, [new(YahooProxy, ChromeWindows), new(YahooProxy, SafariIphone)]),
        ("icloud.com", 9, s_apple), ("gmx.net", 4, s_german), ("web.de", 3, s_german), ("aol.com", 2, [new(ChromeWindows, ChromeWindows, "mail.aol.com")]),
        ("proton.me", 2, [new(FirefoxLinux, FirefoxLinux, "mail.proton.me")]), ("example.com", 20, s_work),
    ];

    /// <summary>The mailbox domain of a reader, by their number.</summary>
    public static string Domain(int number)
    {
        // Spread, so that neighbours differ.
        var reader = number * 37 % 100;
        foreach (var (domain, readers, _) in s_mailboxes)
        {
            reader -= readers;
            if (reader < 0)
            {
                return domain;
            }
        }

        return s_mailboxes[^1].Domain;
    }

    /// <summary>What a reader with this address reads with.</summary>
    public static DemoClient Client(string email, Random random)
    {
        var clients = s_mailboxes.FirstOrDefault(mailbox => email.EndsWith('@' + mailbox.Domain, StringComparison.OrdinalIgnoreCase)).Clients ?? s_work;
        return clients[random.Next(clients.Length)];
    }
}
