using System.Text.Json;
using System.Text.RegularExpressions;
using ScoreTracking.Components;

namespace ScoreTracking.EventLog;

/// <summary>Events, verdicts and statuses as the report calls and colours them.</summary>
internal static partial class ActivityWords
{
    public static string Title(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');

    public static Tone ToneOf(LoggedEvent logged) => logged.EventType switch
    {
        "delivered" or "replied" => Tone.Good,
        "bounced" => logged.Metadata.TryGetValue("bounce_type", out var kind) && kind is "hard" ? Tone.Bad : Tone.Warning,
        "complained" => Tone.Bad,
        "deferred" or "dropped" or "unsubscribed" => Tone.Warning,
        _ => Tone.Neutral,
    };

    public static Tone ToneOf(string status) => status switch
    {
        "complained" or "bounced" => Tone.Bad,
        "deferred" or "dropped" or "unsubscribed" => Tone.Warning,
        "opened" or "clicked" => Tone.Good,
        _ => Tone.Neutral,
    };

    /// <summary>Who made the hit.</summary>
    public static string Verdict(string verdict) => verdict switch
    {
        "human" => "Person",
        "proxy" => "Image proxy",
        "privacy" => "Privacy proxy",
        "scanner" => "Scanner",
        "prefetch" => "Prefetch",
        "self" => "Own",
        _ => Title(verdict),
    };

    /// <summary>A signal behind a verdict.</summary>
    public static string Reason(string reason) => reason switch
    {
        "preview_token" => "a preview",
        "ignored_network" => "an ignored network",
        "prefetch_header" => "says it prefetches",
        "reported_by_esp" => "the ESP says so",
        "bare_mozilla" => "bare Mozilla/5.0",
        "image_proxy" => "a known image proxy",
        "bare_webkit_at_delivery" => "bare WebKit at delivery",
        "legacy_gmail_prefetch" => "Gmail's old prefetch",
        "no_user_agent" => "no user agent",
        "scanner_name" => "a scanner by name",
        "burst" => "links clicked in a burst",
        "fleet" => "the same burst elsewhere",
        "honeypot" => "fetched the hidden link",
        "too_fast" => "sooner than a person",
        "before_bounce" => "before a bounce",
        "by_hand" => "set by hand",
        _ => reason.Replace('_', ' '),
    };

    /// <summary>What a hit was made with and where: "Gmail · Berlin, DE"; null where nothing is known.</summary>
    public static string? With(LoggedEvent logged)
    {
        string[] parts =
        [
            .. logged.Client is { } client ? new[] { client.Name, client.Name == client.Browser ? "" : client.Browser, client.Os, client.Device } : [],
            logged.Geo is { } geo ? string.Join(", ", new[] { geo.City, geo.Country }.Where(part => part.Length > 0)) : "",
        ];
        return parts.Any(part => part.Length > 0) ? string.Join(" · ", parts.Where(part => part.Length > 0)) : null;
    }

    /// <summary>The reporter's own words, a clicked address; null without any.</summary>
    public static string? Said(LoggedEvent logged) => logged.EventType switch
    {
        "clicked" => logged.LinkLabel is { Length: > 0 } label ? label : Text(logged, "url"),
        "opened" => null,
        _ => Text(logged, "reason"),
    };

    public static string? Text(LoggedEvent logged, string member) => logged.Metadata.GetValueOrDefault(member) switch
    {
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
        _ => null,
    };

    /// <summary>Whose mail it was.</summary>
    public static string Who(string address) => address.Length == 0 ? "Erased" : address;

    /// <summary>The same text with every address in it masked, for those who see none.</summary>
    public static string Mask(string text) => Address().Replace(text, match => $"{match.Groups[1].Value}…@{match.Groups[2].Value}");

    [GeneratedRegex("""([^\s<>()\[\]"',;:@])[^\s<>()\[\]"',;:@]*@([^\s<>()\[\]"',;:@]+)""")]
    private static partial Regex Address();
}
