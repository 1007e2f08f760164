namespace ScoreTracking.Reports;

/// <summary>Calendar days of a zone as moments.</summary>
internal static class LocalDates
{
    /// <summary>The first moment of a day: midnight, except where clocks skip it.</summary>
    public static DateTimeOffset StartOf(TimeZoneInfo zone, DateOnly date)
    {
        var local = date.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(15);
        }

        // Midnight comes twice where clocks go back over it; the day begins with the first, whose offset is the larger.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    /// <summary>What a calendar says at a moment.</summary>
    public static DateOnly DateOf(TimeZoneInfo zone, DateTimeOffset time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);
}
