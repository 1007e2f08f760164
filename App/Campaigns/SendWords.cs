using System.Globalization;
using ScoreTracking.Components;

namespace ScoreTracking.Campaigns;

/// <summary>How long and until when, as people say it.</summary>
internal static class SendWords
{
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 90 } => Numerals.Count((long)Math.Max(1, Math.Round(time.TotalSeconds)), "second", "seconds"),
        { TotalMinutes: < 90 } => Numerals.Count((long)Math.Round(time.TotalMinutes), "minute", "minutes"),
        { TotalHours: < 36 } => Numerals.Count((long)Math.Round(time.TotalHours), "hour", "hours"),
        _ => Numerals.Count((long)Math.Round(time.TotalDays), "day", "days"),
    };

    public static string Moment(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM, HH:mm", CultureInfo.InvariantCulture);
}
