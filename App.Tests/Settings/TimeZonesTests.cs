using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Settings;

public sealed class TimeZonesTests
{
    [Theory]
    [InlineData("berl", "Europe/Berlin")]
    [InlineData("New York", "America/New_York")]
    [InlineData("york america", "America/New_York")]
    [InlineData("utc+00:00", "UTC")]
    [InlineData("+05:45", "Asia/Kathmandu")]
    public void A_zone_is_found_by_city_continent_or_present_offset(string typed, string expected) =>
        Assert.Equal(expected, TimeZones.Search(typed, Some.Noon, 1)[0].Id);

    [Fact]
    public void What_is_offered_can_be_saved() =>
        Assert.All(TimeZones.Search("", Some.Noon, int.MaxValue), zone => Assert.True(TimeZones.TryFind(zone.Id, out _)));

    [Fact]
    public void A_name_nobody_has_finds_nothing() => Assert.Empty(TimeZones.Search("atlantis", Some.Noon, 8));

    [Fact]
    public void Most_of_the_world_is_offered() => Assert.True(TimeZones.Search("", Some.Noon, int.MaxValue).Count > 300);
}
