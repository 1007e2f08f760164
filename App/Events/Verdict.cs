namespace ScoreTracking.Events;

/// <summary>Who made a hit: a person or which machine. Every hit is stored, whatever its verdict.</summary>
public enum Verdict : byte
{
    /// <summary>Not a hit: only opens and clicks are judged.</summary>
    None = 0,
    Human = 1,

    /// <summary>An image proxy (Gmail, Yahoo): a real open, origin unknown.</summary>
    Proxy = 2,

    /// <summary>A mailbox that fetches every image on arrival, such as Apple Mail Privacy Protection.</summary>
    Privacy = 3,
    Scanner = 4,
    Prefetch = 5,

    /// <summary>A preview, an operator, an ignored network.</summary>
    Self = 6,
}

/// <summary>The groups counters are kept by, so that switching between all and confirmed is a sum, never a rescan.</summary>
public enum VerdictGroup : byte
{
    None = 0,

    /// <summary>Human and proxy: a confirmed open or click.</summary>
    Person = 1,
    Privacy = 2,
    Scanner = 3,
    Prefetch = 4,
    Self = 5,
}

/// <summary>Spelling and grouping of verdicts and their reasons.</summary>
public static class Verdicts
{
    private static readonly (VerdictReasons Reason, string Name)[] s_reasons =
    [
        (VerdictReasons.ByHand, "by_hand"),
        (VerdictReasons.PreviewToken, "preview_token"),
        (VerdictReasons.IgnoredNetwork, "ignored_network"),
        (VerdictReasons.PrefetchHeader, "prefetch_header"),
        (VerdictReasons.ReportedByEsp, "reported_by_esp"),
        (VerdictReasons.BareMozilla, "bare_mozilla"),
        (VerdictReasons.ImageProxy, "image_proxy"),
        (VerdictReasons.BareWebKitAtDelivery, "bare_webkit_at_delivery"),
        (VerdictReasons.LegacyGmailPrefetch, "legacy_gmail_prefetch"),
        (VerdictReasons.NoUserAgent, "no_user_agent"),
        (VerdictReasons.ScannerName, "scanner_name"),
        (VerdictReasons.Burst, "burst"),
        (VerdictReasons.Fleet, "fleet"),
        (VerdictReasons.Honeypot, "honeypot"),
        (VerdictReasons.TooFast, "too_fast"),
        (VerdictReasons.BeforeBounce, "before_bounce"),
    ];

    /// <summary>The signals by the names the API and files write, in the order of the rules, a person's word first.</summary>
    public static IReadOnlyList<string> Names(this VerdictReasons reasons) =>
        reasons == VerdictReasons.None ? [] : [.. s_reasons.Where(known => reasons.HasFlag(known.Reason)).Select(known => known.Name)];

    public static string Name(this Verdict verdict) => verdict switch
    {
        Verdict.None => "",
        Verdict.Human => "human",
        Verdict.Proxy => "proxy",
        Verdict.Privacy => "privacy",
        Verdict.Scanner => "scanner",
        Verdict.Prefetch => "prefetch",
        Verdict.Self => "self",
    };

    public static bool TryParse(string? name, out Verdict verdict)
    {
        verdict = name switch
        {
            "human" => Verdict.Human,
            "proxy" => Verdict.Proxy,
            "privacy" => Verdict.Privacy,
            "scanner" => Verdict.Scanner,
            "prefetch" => Verdict.Prefetch,
            "self" => Verdict.Self,
            _ => Verdict.None,
        };
        return verdict != Verdict.None;
    }

    public static VerdictGroup Group(this Verdict verdict) => verdict switch
    {
        Verdict.None => VerdictGroup.None,
        Verdict.Human or Verdict.Proxy => VerdictGroup.Person,
        Verdict.Privacy => VerdictGroup.Privacy,
        Verdict.Scanner => VerdictGroup.Scanner,
        Verdict.Prefetch => VerdictGroup.Prefetch,
        Verdict.Self => VerdictGroup.Self,
    };
}

/// <summary>The signals behind a verdict, as stored flags: a hit can carry several.</summary>
[Flags]
public enum VerdictReasons
{
    None = 0,
    PreviewToken = 1 << 0,
    IgnoredNetwork = 1 << 1,
    PrefetchHeader = 1 << 2,
    ReportedByEsp = 1 << 3,
    BareMozilla = 1 << 4,
    ImageProxy = 1 << 5,
    BareWebKitAtDelivery = 1 << 6,
    LegacyGmailPrefetch = 1 << 7,
    NoUserAgent = 1 << 8,
    ScannerName = 1 << 9,
    Burst = 1 << 10,
    Fleet = 1 << 11,
    Honeypot = 1 << 12,
    TooFast = 1 << 13,
    BeforeBounce = 1 << 14,
    ByHand = 1 << 15,

    /// <summary>Not a signal by itself: a client that names itself as bare WebKit, which <see cref="BareWebKitAtDelivery"/> asks for.</summary>
    BareWebKit = 1 << 16,

    /// <summary>Signals that lie in other events, so they come and go with them.</summary>
    OfContext = BareWebKitAtDelivery | Burst | Fleet | Honeypot | TooFast | BeforeBounce,
}
