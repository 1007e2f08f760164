using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace ScoreTracking.Settings;

/// <summary>IANA time zones by their names.</summary>
public static partial class TimeZones
{
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

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}\z")]
    private static partial Regex Name();
}
