using ScoreTracking.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

public sealed class RetryScheduleTests
{
    [Fact]
    public void What_a_server_will_not_take_is_tried_ever_more_rarely_and_for_the_last_time_72_hours_after_the_first()
    {
        var at = Some.Noon;
        var waits = new List<double>();
        for (var attempts = 1; RetrySchedule.Next(attempts, Some.Noon, at) is { } next; attempts++)
        {
            waits.Add((next - at).TotalMinutes);
            at = next;
        }

        Assert.Equal([1, 5, 15, 60, 240, 720, 720, 720, 720, 720, 399], waits);
        Assert.Equal(Some.Noon.AddHours(72), at);
    }

    [Fact]
    public void A_first_attempt_again_after_a_long_pause_is_the_last()
    {
        Assert.Null(RetrySchedule.Next(2, Some.Noon, Some.Noon.AddHours(80)));
        Assert.Equal(Some.Noon.AddHours(72), RetrySchedule.Next(3, Some.Noon, Some.Noon.AddHours(71.9)));
    }
}
