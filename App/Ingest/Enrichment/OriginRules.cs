using System.Text.RegularExpressions;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>Person or machine, as far as one hit alone can tell. The first rule that fits decides; nothing is thrown away for its verdict.</summary>
public static partial class OriginRules
{
    // Apple's privacy proxy says this and nothing else.
    private const string BareMozilla = "Mozilla/5.0";

    /// <summary>Judges an open or click; other events are not hits and have no verdict.</summary>
    public static (Verdict Verdict, VerdictReasons Reasons) Judge(EmailEvent reported)
    {
        if (!reported.Type.IsHit())
        {
            return (Verdict.None, VerdictReasons.None);
        }

        if (reported.KnownVerdict != Verdict.None)
        {
            return (reported.KnownVerdict, reported.KnownReasons);
        }

        var agent = reported.UserAgent?.Trim() ?? "";
        if (agent.Length == 0)
        {
            // Everything that speaks HTTP for a person names itself. A report from outside may simply not know.
            return reported.Source == EventSource.Tracking
                ? (Verdict.Scanner, VerdictReasons.NoUserAgent)
                : (Verdict.Human, VerdictReasons.None);
        }

        if (agent == BareMozilla)
        {
            // The privacy proxy fetches images only: a click under this name is a scanner's.
            return (reported.Type == EventType.Opened ? Verdict.Privacy : Verdict.Scanner, VerdictReasons.BareMozilla);
        }

        if (agent.Contains("GoogleImageProxy", StringComparison.Ordinal) || agent.Contains("YahooMailProxy", StringComparison.Ordinal))
        {
            return (Verdict.Proxy, VerdictReasons.ImageProxy);
        }

        if (agent.Contains("Chrome/42.0.2311.135", StringComparison.Ordinal) && agent.EndsWith("Edge/12.246 Mozilla/5.0", StringComparison.Ordinal))
        {
            return (Verdict.Prefetch, VerdictReasons.LegacyGmailPrefetch);
        }

        if (ScannerName().IsMatch(agent))
        {
            return (Verdict.Scanner, VerdictReasons.ScannerName);
        }

        // Alone it is a person in Apple Mail; just after delivery it is not, which only the message's other events tell.
        return (Verdict.Human, reported.Type == EventType.Opened && IsBareWebKit(agent) ? VerdictReasons.BareWebKit : VerdictReasons.None);
    }

    private static bool IsBareWebKit(string agent) =>
        agent.EndsWith(" (KHTML, like Gecko)", StringComparison.Ordinal)
        && agent.Contains("AppleWebKit/", StringComparison.Ordinal)
        && !agent.Contains("Version/", StringComparison.Ordinal)
        && !agent.Contains("Safari/", StringComparison.Ordinal);

    // Whole words only: "bot" alone is inside CUBOT, a telephone.
    [GeneratedRegex(
        """
        (?<![a-z0-9])(?:
          barracuda | mimecast | proofpoint | urldefense | safelinks | trend\ ?micro | zscaler | ironport | fireeye | forcepoint |
          messagelabs | symantec | sophos | fortiguard | avanan | cloudmark | bitdefender | kaspersky |
          python-requests | python-urllib | aiohttp | httpx | curl/ | wget/ | go-http-client | libwww-perl | java/ |
          apache-httpclient | node-fetch | axios/ | scrapy | headlesschrome | phantomjs |
          googlebot | bingbot | slackbot | twitterbot | applebot | yandexbot | facebookexternalhit | linkedinbot | whatsapp
        )(?=[^a-z]|(?<=/)|$)
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace,
        matchTimeoutMilliseconds: 250)]
    private static partial Regex ScannerName();
}
