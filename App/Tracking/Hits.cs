using Microsoft.Extensions.Primitives;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>What a request on one of our links says happened.</summary>
internal static class Hits
{
    // RFC 1035.
    private const int MaxHost = 253;

    private static readonly string[] s_purposeHeaders = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"];
    private static readonly string[] s_purposes = ["prefetch", "preview", "prerender"];

    public static EmailEvent Event(HttpContext context, EventType type, TrackingId id, DateTimeOffset now)
    {
        var headers = context.Request.Headers;
        var hit = new EmailEvent
        {
            Type = type,
            Source = EventSource.Tracking,
            OccurredAt = now,
            ReceivedAt = now,
            MessageId = id.MessageId,
            LinkId = id.LinkId,
            IpAddress = context.Connection.RemoteIpAddress?.ToString(),
            UserAgent = headers.UserAgent.Count > 0 ? headers.UserAgent[0] : null,
            RefererHost = type == EventType.Opened ? HostOf(headers.Referer) : null,
            EdgeCountry = EdgeCountry.Read(headers),
        };
        if (id.Preview)
        {
            return hit with { KnownVerdict = Verdict.Self, KnownReasons = VerdictReasons.PreviewToken };
        }

        if (IsPrefetch(headers))
        {
            return hit with { KnownVerdict = Verdict.Prefetch, KnownReasons = VerdictReasons.PrefetchHeader };
        }

        return type == EventType.Clicked && id.LinkId == 0 ? hit with { KnownVerdict = Verdict.Scanner, KnownReasons = VerdictReasons.Honeypot } : hit;
    }

    /// <summary>HEAD and whatever else is not GET is answered but never an event.</summary>
    public static bool Counts(HttpContext context) => HttpMethods.IsGet(context.Request.Method);

    // "https://mail.example.com:443/inbox" → "mail.example.com", without making a Uri of what anyone may send.
    private static string? HostOf(StringValues referer)
    {
        int scheme;
        if (referer.Count == 0 || referer[0] is not { } url || (scheme = url.IndexOf("://", StringComparison.Ordinal)) <= 0)
        {
            return null;
        }

        var host = url.AsSpan(scheme + 3);
        var end = host.IndexOfAny('/', ':', '?');
        host = end < 0 ? host : host[..end];
        return host.Length is > 0 and <= MaxHost ? host.ToString() : null;
    }

    private static bool IsPrefetch(IHeaderDictionary headers)
    {
        foreach (var header in s_purposeHeaders)
        {
            if (headers.TryGetValue(header, out var value)
                && s_purposes.Any(purpose => value.ToString().Contains(purpose, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }
}
