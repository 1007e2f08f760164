using System.Collections.Frozen;

namespace ScoreTracking.Data;

/// <summary>Who runs a recipient's mailbox, by the domain of the address; nothing is looked up. A company's own domain at one of them counts as other.</summary>
public sealed class MailboxProvider
{
    public static readonly MailboxProvider Other = new(0, "Other");

    /// <summary>Every provider by its number. The numbers are stored: append, never renumber.</summary>
    public static readonly IReadOnlyList<MailboxProvider> All =
    [
        Other,
        new(1, "Gmail", "gmail.com", "googlemail.com"),
        new(2, "Outlook.com", "outlook.*", "hotmail.*", "live.com", "live.at", "live.be", "live.ca", "live.cl", "live.cn", "live.co.uk", "live.co.za", "live.com.ar",
            "live.com.au", "live.com.mx", "live.com.pt", "live.de", "live.dk", "live.fi", "live.fr", "live.ie", "live.in", "live.it", "live.jp", "live.nl", "live.no",
            "live.ru", "live.se", "msn.com", "windowslive.com", "passport.com"),
        new(3, "Yahoo", "yahoo.*", "ymail.com", "rocketmail.com", "myyahoo.com", "att.net", "sbcglobal.net", "bellsouth.net", "pacbell.net", "frontier.com", "sky.com"),
        new(4, "AOL", "aol.*", "aim.com", "verizon.net", "netscape.net"),
        new(5, "iCloud", "icloud.com", "me.com", "mac.com", "privaterelay.appleid.com"),
        new(6, "GMX", "gmx.*", "mail.com", "email.com", "usa.com"),
        new(7, "WEB.DE", "web.de"),
        new(8, "T-Online", "t-online.de", "magenta.de"),
        new(9, "Proton", "proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
        new(10, "Yandex", "yandex.*", "ya.ru", "narod.ru"),
        new(11, "Mail.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "internet.ru", "xmail.ru"),
        new(12, "Zoho", "zoho.*", "zohomail.com", "zohomail.eu", "zohomail.in"),
        new(13, "Fastmail", "fastmail.com", "fastmail.fm", "fastmail.net", "fastmail.org", "messagingengine.com", "sent.com"),
        new(14, "Orange", "orange.fr", "wanadoo.fr", "voila.fr"),
        new(15, "Comcast", "comcast.net", "xfinity.com"),
        new(16, "QQ", "qq.com", "foxmail.com", "vip.qq.com"),
        new(17, "163", "163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com", "188.com"),
        new(18, "Free", "free.fr", "aliceadsl.fr"),
        new(19, "SFR", "sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr"),
        new(20, "La Poste", "laposte.net"),
        new(21, "Libero", "libero.it", "inwind.it", "iol.it", "blu.it", "giallo.it", "virgilio.it"),
        new(22, "freenet", "freenet.de"),
        new(23, "BT", "btinternet.com", "btopenworld.com", "talk21.com"),
        new(24, "Virgin Media", "virginmedia.com", "virgin.net", "ntlworld.com", "blueyonder.co.uk"),
        new(25, "Seznam", "seznam.cz", "email.cz", "post.cz", "spoluzaci.cz"),
        new(26, "Wirtualna Polska", "wp.pl", "o2.pl", "tlen.pl", "go2.pl"),
        new(27, "Onet", "onet.pl", "onet.eu", "op.pl", "poczta.onet.pl", "vp.pl"),
        new(28, "Interia", "interia.pl", "interia.eu", "poczta.fm"),
        new(29, "Naver", "naver.com"),
        new(30, "Kakao", "hanmail.net", "daum.net", "kakao.com"),
        new(31, "Yahoo Japan", "yahoo.co.jp", "ybb.ne.jp"),
        new(32, "docomo", "docomo.ne.jp"),
        new(33, "au", "ezweb.ne.jp", "au.com"),
        new(34, "SoftBank", "softbank.ne.jp", "i.softbank.jp"),
        new(35, "Rediffmail", "rediffmail.com", "rediff.com"),
        new(36, "UOL", "uol.com.br", "bol.com.br"),
        new(37, "Terra", "terra.com.br", "terra.com", "terra.es"),
        new(38, "Bluewin", "bluewin.ch"),
        new(39, "Spectrum", "charter.net", "spectrum.net", "twc.com", "roadrunner.com", "rr.com"),
        new(40, "Cox", "cox.net"),
        new(41, "Sympatico", "sympatico.ca", "bell.net"),
        new(42, "Rogers", "rogers.com"),
        new(43, "Telstra", "bigpond.com", "bigpond.net.au", "telstra.com"),
        new(44, "Optus", "optusnet.com.au"),
        new(45, "Ziggo", "ziggo.nl", "home.nl", "upcmail.nl", "casema.nl"),
        new(46, "KPN", "kpnmail.nl", "planet.nl", "hetnet.nl", "xs4all.nl"),
        new(47, "Telenet", "telenet.be"),
        new(48, "Proximus", "skynet.be", "proximus.be"),
        new(49, "Rambler", "rambler.ru", "lenta.ru", "autorambler.ru", "ro.ru"),
        new(50, "UKR.NET", "ukr.net"),
        new(51, "Tutanota", "tutanota.com", "tutanota.de", "tutamail.com", "tuta.com", "tuta.io", "keemail.me"),
        new(52, "Hey", "hey.com"),
        new(53, "mailbox.org", "mailbox.org"),
        new(54, "Posteo", "posteo.de", "posteo.net"),
        new(55, "Sina", "sina.com", "sina.cn"),
    ];

    // "yahoo.*": the name under any country's ending, as these providers use it.
    private const string AnyEnding = ".*";

    private static readonly FrozenDictionary<string, MailboxProvider> s_byDomain = ByDomain(whole: true);
    private static readonly FrozenDictionary<string, MailboxProvider> s_byName = ByDomain(whole: false);
    private static readonly FrozenDictionary<string, MailboxProvider>.AlternateLookup<ReadOnlySpan<char>> s_domains = s_byDomain.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly FrozenDictionary<string, MailboxProvider>.AlternateLookup<ReadOnlySpan<char>> s_names = s_byName.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly string[] _domains;

    private MailboxProvider(int number, string name, params string[] domains) => (Number, Name, _domains) = (number, name, domains);

    /// <summary>As stored.</summary>
    public int Number { get; }

    public string Name { get; }

    /// <summary>The provider of an address; <see cref="Other"/> for a domain that is not listed.</summary>
    public static MailboxProvider Of(ReadOnlySpan<char> email)
    {
        var domain = email[(email.LastIndexOf('@') + 1)..];
        if (s_domains.TryGetValue(domain, out var provider))
        {
            return provider;
        }

        var dot = domain.IndexOf('.');
        return dot > 0 && IsEnding(domain[(dot + 1)..]) && s_names.TryGetValue(domain[..dot], out provider) ? provider : Other;
    }

    /// <summary>The provider of a stored number; <see cref="Other"/> for one this release does not know.</summary>
    public static MailboxProvider Find(long number) => number >= 0 && number < All.Count ? All[(int)number] : Other;

    // "fr", "com", "co.uk", "com.br": not yahoo.example.com.
    private static bool IsEnding(ReadOnlySpan<char> ending)
    {
        var dot = ending.IndexOf('.');
        var rest = dot < 0 ? ending : ending[(dot + 1)..];
        return rest.Length is 2 or 3 && !rest.Contains('.')
            && (dot < 0 || (rest.Length == 2 && ending[..dot] is ("co" or "com")));
    }

    private static FrozenDictionary<string, MailboxProvider> ByDomain(bool whole) => All
        .SelectMany(provider => provider._domains.Where(domain => domain.EndsWith(AnyEnding, StringComparison.Ordinal) != whole).Select(domain => (domain, provider)))
        .ToFrozenDictionary(pair => whole ? pair.domain : pair.domain[..^AnyEnding.Length], pair => pair.provider, StringComparer.OrdinalIgnoreCase);
}
