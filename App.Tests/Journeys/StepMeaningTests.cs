using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Steps;

namespace ScoreTracking.Tests.Journeys;

public sealed class StepMeaningTests
{
    [Theory]
    [InlineData("2026-12-01", "P0D", null, "2026-11-30T23:00:00Z")]
    [InlineData("2026-12-01", "-P1D", "09:00", "2026-11-30T08:00:00Z")]
    [InlineData("2026-07-01T15:30:00", "PT0S", null, "2026-07-01T13:30:00Z")]
    [InlineData("2026-07-01T15:30:00Z", "PT0S", null, "2026-07-01T15:30:00Z")]
    [InlineData("2026-07-01T15:30:00-05:00", "PT2H", null, "2026-07-01T22:30:00Z")]
    [InlineData("2026-03-28", "P1D", "09:00", "2026-03-29T07:00:00Z")]
    [InlineData("2026-03-29", "P0D", "02:30", "2026-03-29T01:30:00Z")]
    [InlineData("2026-10-25", "P0D", "02:30", "2026-10-25T00:30:00Z")]
    [InlineData("soon", "P0D", null, null)]
    [InlineData("9999-12-31", "P9D", null, null)]
    [InlineData("", "P0D", null, null)]
    public void A_date_is_met_on_the_organizations_clock(string text, string offset, string? at, string? expected)
    {
        Assert.True(IsoDuration.TryParse(offset, mayBeNegative: true, out var added));
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

        var moment = WaitUntilAction.Moment(text, added, at is null ? null : TimeOnly.Parse(at, CultureInfo.InvariantCulture), berlin);

        Assert.Equal(expected, moment is { } found ? ApiSetup.Text(found.ToUniversalTime()) : null);
    }

    [Fact]
    public void A_split_is_by_weight_and_always_the_same_for_one_person()
    {
        var split = new SplitStep("n1", [new SplitBranch("a", 1, null), new SplitBranch("b", 3, null)]);

        var keys = Enumerable.Range(1, 4_000).Select(i => SplitAction.KeyFor(split, i)).ToList();

        Assert.Equal(keys, Enumerable.Range(1, 4_000).Select(i => SplitAction.KeyFor(split, i)));
        Assert.InRange(keys.Count(key => key == "a"), 880, 1_120);
    }
}
