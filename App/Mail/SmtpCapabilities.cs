using System.Globalization;

namespace ScoreTracking.Mail;

/// <summary>What a server said it can do, in its answer to EHLO.</summary>
/// <param name="Extensions">Keyword in upper case and what stood behind it.</param>
/// <param name="Tls">"TLS 1.3", or null without encryption.</param>
public sealed record SmtpCapabilities(IReadOnlyDictionary<string, string> Extensions, string? Tls)
{
    // What follows EHLO is a list of a few keywords; nothing real comes near this.
    private const int MaxExtensions = 100;

    public bool HasPipelining => Extensions.ContainsKey("PIPELINING");
    public bool Has8BitMime => Extensions.ContainsKey("8BITMIME");
    public bool HasSmtpUtf8 => Extensions.ContainsKey("SMTPUTF8");
    public bool HasStartTls => Extensions.ContainsKey("STARTTLS");

    /// <summary>Delivery reports on request, RFC 3461.</summary>
    public bool HasDsn => Extensions.ContainsKey("DSN");
    public bool HasSize => Extensions.ContainsKey("SIZE");

    /// <summary>Largest mail in bytes; null when it named none.</summary>
    public long? MaxSize => Extensions.TryGetValue("SIZE", out var size) && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? bytes : null;

    /// <summary>Ways to sign in, upper case.</summary>
    public IReadOnlyList<string> SignIn => Extensions.GetValueOrDefault("AUTH", "").ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);

    internal static SmtpCapabilities None(string? tls) => new(new Dictionary<string, string>(), tls);

    /// <param name="lines">The words of the answer, the first of which is the server's name.</param>
    internal static SmtpCapabilities Of(IReadOnlyList<string> lines, string? tls)
    {
        var extensions = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1).Take(MaxExtensions))
        {
            // "AUTH=LOGIN" is how it was written before RFC 2554; some say it both ways.
            var at = line.AsSpan().Trim().IndexOfAny(' ', '=');
            var keyword = (at < 0 ? line.Trim() : line.Trim()[..at]).ToUpperInvariant();
            var rest = at < 0 ? "" : line.Trim()[(at + 1)..];
            extensions[keyword] = keyword == "AUTH" && extensions.TryGetValue(keyword, out var known) ? $"{known} {rest}" : rest;
        }

        return new SmtpCapabilities(extensions, tls);
    }
}
