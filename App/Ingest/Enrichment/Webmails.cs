using System.Collections.Frozen;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>Which webmail a page belongs to, by the host of the Referer its images are asked for with.</summary>
internal static class Webmails
{
    private static readonly FrozenDictionary<string, string> s_hosts = new Dictionary<string, string>
    {
        ["mail.google.com"] = "Gmail",
        ["outlook.live.com"] = "Outlook.com",
        ["hotmail.com"] = "Outlook.com",
        ["mail.live.com"] = "Outlook.com",
        ["outlook.office.com"] = "Outlook (web)",
        ["outlook.office365.com"] = "Outlook (web)",
        ["outlook.cloud.microsoft"] = "Outlook (web)",
        ["mail.yahoo.com"] = "Yahoo Mail",
        ["mail.yahoo.co.jp"] = "Yahoo Mail",
        ["mail.aol.com"] = "AOL Mail",
        ["icloud.com"] = "iCloud Mail",
        ["gmx.net"] = "GMX",
        ["gmx.com"] = "GMX",
        ["gmx.de"] = "GMX",
        ["gmx.at"] = "GMX",
        ["gmx.ch"] = "GMX",
        ["web.de"] = "WEB.DE",
        ["t-online.de"] = "T-Online",
        ["mail.com"] = "mail.com",
        ["proton.me"] = "Proton Mail",
        ["protonmail.com"] = "Proton Mail",
        ["mail.yandex.ru"] = "Yandex Mail",
        ["mail.yandex.com"] = "Yandex Mail",
        ["mail.ru"] = "Mail.ru",
        ["mail.zoho.com"] = "Zoho Mail",
        ["mail.zoho.eu"] = "Zoho Mail",
        ["mail.zoho.in"] = "Zoho Mail",
        ["fastmail.com"] = "Fastmail",
        ["orange.fr"] = "Orange",
        ["free.fr"] = "Free",
        ["sfr.fr"] = "SFR",
        ["laposte.net"] = "La Poste",
        ["libero.it"] = "Libero",
        ["comcast.net"] = "Comcast",
        ["xfinity.com"] = "Comcast",
        ["mail.qq.com"] = "QQ Mail",
        ["mail.163.com"] = "163 Mail",
        ["mail.126.com"] = "126 Mail",
        ["mail.naver.com"] = "Naver Mail",
        ["seznam.cz"] = "Seznam",
        ["wp.pl"] = "Wirtualna Polska",
        ["o2.pl"] = "Wirtualna Polska",
        ["onet.pl"] = "Onet",
        ["freenet.de"] = "freenet",
        ["mailbox.org"] = "mailbox.org",
        ["posteo.de"] = "Posteo",
        ["tuta.com"] = "Tuta",
        ["hey.com"] = "Hey",
        ["ionos.com"] = "IONOS Webmail",
        ["ionos.de"] = "IONOS Webmail",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_lookup = s_hosts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The webmail of a host or of one above it ("3c.gmx.net", "mail.google.com"); null for any other.</summary>
    public static string? Find(ReadOnlySpan<char> host)
    {
        while (true)
        {
            if (s_lookup.TryGetValue(host, out var name))
            {
                return name;
            }

            var dot = host.IndexOf('.');
            if (dot < 0)
            {
                return null;
            }

            host = host[(dot + 1)..];
        }
    }
}
