using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ScoreTracking.Settings;

/// <summary>IANA time zones by their names.</summary>
public static partial class TimeZones
{
    // Old names of the same places ("Asia/Calcutta") are understood, but only current ones are offered.
    private static readonly Lazy<IReadOnlyList<TimeZoneInfo>> s_offered = new(() =>
        [TimeZoneInfo.Utc, .. TimeZoneInfo.GetSystemTimeZones().Where(zone => zone.Id.Contains('/') && TryFind(zone.Id, out _)).OrderBy(zone => zone.Id, StringComparer.Ordinal)]);

    /// <summary>Zones whose name or present offset holds every word of the text; those with a part that begins with it come first.</summary>
    /// <param name="text">As people type it: "new york", "berl", "+02".</param>
    public static IReadOnlyList<TimeZoneInfo> Search(string text, DateTimeOffset now, int limit)
    {
        var wanted = Words(text);
        var first = wanted.FirstOrDefault("");
        return [.. s_offered.Value
            .Where(zone => Array.TrueForAll(wanted, word => Described(zone, now).Contains(word, StringComparison.OrdinalIgnoreCase)))
            .OrderByDescending(zone => zone.Id.Split('/', '_').Any(part => part.StartsWith(first, StringComparison.OrdinalIgnoreCase)))
            .Take(limit)];
    }

    /// <summary>What the zone's clocks differ from UTC at a moment: "UTC+02:00".</summary>
    public static string Offset(TimeZoneInfo zone, DateTimeOffset now) =>
        TimeZoneInfo.ConvertTime(now, zone).ToString("'UTC'zzz", CultureInfo.InvariantCulture);

    /// <summary>A zone as people read it: "America/New York".</summary>
    public static string Text(TimeZoneInfo zone) => zone.Id.Replace('_', ' ');

    /// <summary>Finds a zone such as "Europe/Berlin" or "UTC"; Windows names, offsets and anything that is not a zone's name are refused.</summary>
    public static bool TryFind(string? id, [NotNullWhen(true)] out TimeZoneInfo? zone)
    {
        zone = null;

        // The name becomes a path below the zone directory, so its form is checked before any file is opened.
        // Files there that are no zones ("localtime", "posixrules", "right/…") begin with a small letter.
        if (id is not { Length: <= 64 } || !Name().IsMatch(id)
            || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out var found) || !found.HasIanaId)
        {
            return false;
        }

        zone = found;
        return true;
    }

    private static string Described(TimeZoneInfo zone, DateTimeOffset now) => $"{zone.Id} {Offset(zone, now)}";

    private static string[] Words(string text) => text.Split([' ', '/', '_', ','], StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}\z")]
    private static partial Regex Name();
}
