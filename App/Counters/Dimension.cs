using System.Globalization;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>One way of slicing a campaign: a name, which key a change falls under and which of its uniqueness figures counts there. A new counter is one line in <see cref="All"/>.</summary>
public sealed class Dimension
{
    /// <summary>Counters are kept in UTC quarter hours: every IANA offset since 1990 is a multiple of 15 minutes.</summary>
    public const long QuarterMilliseconds = 15 * 60 * 1000;

    /// <summary>The key of hits through an image proxy, which hides where and with what they were made.</summary>
    public const string Proxied = "proxied";

    private const long None = long.MinValue;

    /// <summary>The whole campaign under the key "".</summary>
    public static readonly Dimension Summary = new("summary", (_, _) => 0, change => change.Unique, _ => "");

    /// <summary>Quarter hours since 1970, seven digits until the year 2255.</summary>
    public static readonly Dimension Quarter = new("quarter", (change, _) => change.At / QuarterMilliseconds, change => change.Unique);

    /// <summary>The same quarter hours summed over all campaigns, kept under campaign 0: an overview must not read every campaign.</summary>
    public static readonly Dimension Workspace = new("workspace", (change, _) => change.At / QuarterMilliseconds, change => change.Unique, isOfAllCampaigns: true);

    /// <summary>Position of the variant.</summary>
    public static readonly Dimension Variant = new("variant", (_, message) => message.Variant, change => change.Unique);

    /// <summary>Id of the clicked link; unique is (message, link).</summary>
    public static readonly Dimension Link = new("link", (change, _) => change.LinkId == 0 ? None : change.LinkId, change => change.LinkUnique);

    /// <summary>Number of the bounce kind.</summary>
    public static readonly Dimension Bounce = new("bounce", (change, _) => change.Bounce == 0 ? None : (long)change.Bounce, change => change.Unique);

    /// <summary>Position of the variant × 4 + number of the bounce kind; <see cref="ReadVariantBounce"/> takes it apart.</summary>
    public static readonly Dimension VariantBounce = new(
        "variant_bounce", (change, message) => change.Bounce == 0 ? None : (message.Variant << 2) + (long)change.Bounce, change => change.Unique);

    /// <summary>Position of the variant; unique are messages that bounced and were never sent. They are among the bounced, and not among the sent.</summary>
    public static readonly Dimension VariantRefused = new("variant_refused", (change, message) => change.Refused == 0 ? None : message.Variant, change => change.Refused);

    /// <summary>Number of the recipient's mailbox provider.</summary>
    public static readonly Dimension Provider = new("provider", (_, message) => message.Provider, change => change.Unique);

    /// <summary>Number of the mailbox provider × 4 + number of the bounce kind; <see cref="ReadProviderBounce"/> takes it apart.</summary>
    public static readonly Dimension ProviderBounce = new(
        "provider_bounce", (change, message) => change.Bounce == 0 ? None : (message.Provider << 2) + (long)change.Bounce, change => change.Unique);

    /// <summary>Two letters, "" when not known. This and the five below: of people's opens and clicks only, a message once per key.</summary>
    public static readonly Dimension Country = OfHits("country", BucketKinds.Country, buckets => buckets.Country, Buckets.CountryText);

    /// <summary>Id of the place, "0" when not known.</summary>
    public static readonly Dimension City = OfHits("city", BucketKinds.City, buckets => buckets.City, key => key.ToString(CultureInfo.InvariantCulture));

    /// <summary>Mail client, webmail or browser by name, "" when not known.</summary>
    public static readonly Dimension Client = OfHits("client", BucketKinds.Client, buckets => buckets.Client, BucketNames.Text);

    /// <summary>desktop, mobile, tablet, "" when not known.</summary>
    public static readonly Dimension Device = OfHits("device", BucketKinds.Device, buckets => buckets.Device, BucketNames.Text);

    /// <summary>By name, "" when not known or none.</summary>
    public static readonly Dimension Browser = OfHits("browser", BucketKinds.Browser, buckets => buckets.Browser, BucketNames.Text);

    /// <summary>By name, "" when not known.</summary>
    public static readonly Dimension Os = OfHits("os", BucketKinds.Os, buckets => buckets.Os, BucketNames.Text);

    public static readonly IReadOnlyList<Dimension> All =
        [Summary, Quarter, Workspace, Variant, Link, Bounce, VariantBounce, VariantRefused, Provider, ProviderBounce, Country, City, Client, Device, Browser, Os];

    private readonly Func<CountChange, CountedMessage, long> _key;
    private readonly Func<CountChange, int> _unique;
    private readonly Func<long, string> _text;

    private Dimension(string name, Func<CountChange, CountedMessage, long> key, Func<CountChange, int> unique, Func<long, string>? text = null, bool isOfAllCampaigns = false)
    {
        Name = name;
        _key = key;
        _unique = unique;
        _text = text ?? (number => number.ToString(CultureInfo.InvariantCulture));
        IsOfAllCampaigns = isOfAllCampaigns;
    }

    public static (long Variant, BounceKind Kind) ReadVariantBounce(long key) => (key >> 2, (BounceKind)(key & 3));

    public static (long Provider, BounceKind Kind) ReadProviderBounce(long key) => (key >> 2, (BounceKind)(key & 3));

    /// <summary>As stored in the counters table.</summary>
    public string Name { get; }

    /// <summary>Sums over all campaigns, under campaign 0.</summary>
    public bool IsOfAllCampaigns { get; }

    /// <summary>The key a change falls under; false where it does not belong to this dimension.</summary>
    public bool TryKey(CountChange change, CountedMessage message, out long key) => (key = _key(change, message)) != None;

    public int Unique(CountChange change) => _unique(change);

    /// <summary>A key as stored.</summary>
    public string Text(long key) => _text(key);

    private static Dimension OfHits(string name, BucketKinds kind, Func<Buckets, int> key, Func<int, string> text) => new(
        name,
        (change, _) => change.Buckets is { } buckets ? key(buckets) : None,
        change => change.Firsts.HasFlag(kind) ? 1 : 0,
        number => number == Buckets.Proxied ? Proxied : text((int)number));
}
