using System.Globalization;

namespace ScoreTracking.Suppressions;

/// <summary>Which suppressions. Comparable, so that a page knows when to read again.</summary>
/// <param name="Text">Part of an address, in lower case; null for any.</param>
/// <param name="From">Unix milliseconds, included.</param>
/// <param name="To">Not included.</param>
public sealed record SuppressionFilter(string? Reason, string? Source, long? From, long? To, string? Text)
{
    /// <summary>RFC 5321 limits an address to 254 characters.</summary>
    public const int MaxText = 254;

    public static SuppressionFilter Any { get; } = new(null, null, null, null, null);

    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope => string.Create(CultureInfo.InvariantCulture, $"{Reason}\n{Source}\n{From}\n{To}\n{Text}");

    /// <summary>Reads a query string; what it cannot read lands in <paramref name="errors"/> and means any.</summary>
    /// <param name="from">A day in the zone, or a moment with its offset; so <paramref name="to"/>, whose day is included.</param>
    public static SuppressionFilter Read(string? reason, string? source, string? from, string? to, string? text, TimeZoneInfo zone, Dictionary<string, string[]> errors)
    {
        var filter = new SuppressionFilter(
            Known("reason", reason, SuppressionReason.All, errors),
            Known("source", source, SuppressionSource.All, errors),
            Moment("from", from, zone, 0, errors),
            Moment("to", to, zone, 1, errors),
            text?.Trim().ToLowerInvariant() is { Length: > 0 } wanted ? wanted : null);
        if (filter.Text?.Length > MaxText || filter.Text?.Any(char.IsControl) == true)
        {
            errors["q"] = [$"must be part of an address, at most {MaxText} characters"];
            filter = filter with { Text = null };
        }

        if (filter is { From: { } first, To: { } end } && first >= end)
        {
            errors["to"] = ["must be after from"];
            filter = filter with { To = null };
        }

        return filter;
    }

    private static string? Known(string name, string? value, IReadOnlyList<string> known, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (known.Contains(value))
        {
            return value;
        }

        errors[name] = [$"must be one of {string.Join(", ", known)}"];
        return null;
    }

    private static long? Moment(string name, string? value, TimeZoneInfo zone, int daysLater, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1 and < 9999)
        {
            return StartOf(day.AddDays(daysLater), zone).ToUnixTimeMilliseconds();
        }

        // Without an offset it would mean another moment on every server.
        if (value.Contains('T', StringComparison.Ordinal)
            && (value.EndsWith('Z') || value.LastIndexOfAny(['+', '-']) > value.IndexOf('T', StringComparison.Ordinal))
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var moment))
        {
            return moment.ToUnixTimeMilliseconds();
        }

        errors[name] = ["must be a day such as 2026-09-01, or an ISO 8601 time with an offset"];
        return null;
    }

    // Some zones skip midnight when their clocks go forward: the day then begins with what follows.
    private static DateTimeOffset StartOf(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local));
    }
}
