using System.Diagnostics;

namespace ScoreTracking.Tests.Support;

/// <summary>For what happens by itself after a while and gives no signal a test could wait for.</summary>
public static class Eventually
{
    public static Task TrueAsync(Func<bool> condition, int seconds = 60) => TrueAsync(() => Task.FromResult(condition()), seconds);

    public static async Task TrueAsync(Func<Task<bool>> condition, int seconds = 60)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(seconds), $"Not so after {seconds} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
