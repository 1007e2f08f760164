namespace ScoreTracking.Events;

/// <summary>What a hit was made with, as far as the user agent told; "" for what is not known.</summary>
/// <param name="Id">As stored; 0 when nothing is known.</param>
/// <param name="Name">The mail client or webmail; for a hit from a plain browser, the browser.</param>
/// <param name="Device">desktop, mobile or tablet.</param>
/// <param name="Browser">"" for a mail client, which is none.</param>
public sealed record Client(long Id, string Name, string Device, string Browser, string Os)
{
    public const string Desktop = "desktop";
    public const string Mobile = "mobile";
    public const string Tablet = "tablet";

    public static readonly Client Unknown = new(0, "", "", "", "");
}
