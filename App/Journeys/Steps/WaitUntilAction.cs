using System.Globalization;
using ScoreTracking.Settings;

namespace ScoreTracking.Journeys.Steps;

/// <summary>Waits for a date the contact carries, on the organization's clock.</summary>
internal sealed class WaitUntilAction : IStepAction
{
    public bool Does(JourneyStep step) => step is WaitUntilStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var until = (WaitUntilStep)step;
        var text = ContactFields.Read(person, until.Field);
        var zone = TimeZones.TryFind(person.Commands.Command("SELECT time_zone FROM organization").ExecuteScalar() as string, out var found) ? found : TimeZoneInfo.Utc;
        if (text is null || Moment(text, until.Offset, until.At, zone) is not { } moment)
        {
            return new StepResult.Go(WaitUntilStep.Missing);
        }

        var due = moment.ToUnixTimeMilliseconds();
        return due <= person.StepAt ? new StepResult.Go(WaitUntilStep.Past)
            : due <= person.Now ? new StepResult.Go(JourneyStep.Next)
            : new StepResult.Later(due);
    }

    /// <summary>The moment a date means: whole days are added on the calendar, so that nine o'clock stays nine o'clock when clocks change.</summary>
    /// <param name="text">ISO 8601: a date, or a date and time, which without an offset is the zone's.</param>
    /// <returns>Null where it is no date.</returns>
    internal static DateTimeOffset? Moment(string text, TimeSpan offset, TimeOnly? at, TimeZoneInfo zone)
    {
        DateTime local;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            local = date.ToDateTime(TimeOnly.MinValue);
        }
        else if (text.Contains('T', StringComparison.Ordinal)
            && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var read))
        {
            local = read.Kind == DateTimeKind.Unspecified ? read
                : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var absolute) ? TimeZoneInfo.ConvertTime(absolute, zone).DateTime
                : read;
        }
        else
        {
            return null;
        }

        try
        {
            local = local.AddDays(offset.Days);
            if (at is { } time)
            {
                local = local.Date + time.ToTimeSpan();
            }

            // An hour the clocks leave out is met when they have gone on; of one they repeat, the first.
            local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
            if (zone.IsInvalidTime(local))
            {
                local = local.AddHours(1);
            }

            var utcOffset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
            return new DateTimeOffset(local, utcOffset) + (offset - TimeSpan.FromDays(offset.Days));
        }
        catch (ArgumentOutOfRangeException)
        {
            // Before the year 1 or after 9999.
            return null;
        }
    }
}
