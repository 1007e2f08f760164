using System.Net;
using Microsoft.Extensions.Options;
using ScoreTracking.Auth;

namespace ScoreTracking.Tests.Auth;

public sealed class SignInThrottleTests
{
    private readonly SteppedClock _clock = new();
    private readonly SignInThrottle _throttle;

    public SignInThrottleTests() => _throttle = new SignInThrottle(_clock, Options.Create(new AuthOptions()));

    [Fact]
    public void An_address_has_ten_attempts_in_any_minute()
    {
        var allowed = 0;
        for (var second = 0; second < 600; second++)
        {
            allowed += _throttle.Enter(IPAddress.Parse("192.0.2.1"), $"account {second}") is null ? 1 : 0;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(100, allowed);
        Assert.Null(_throttle.Enter(IPAddress.Parse("192.0.2.2"), "someone"));
    }

    [Fact]
    public void The_wait_named_is_the_wait_needed()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.Null(_throttle.Enter(IPAddress.Loopback, $"account {i}"));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var wait = _throttle.Enter(IPAddress.Loopback, "another") ?? TimeSpan.Zero;
        Assert.Equal(TimeSpan.FromSeconds(50), wait);
        _clock.Advance(wait - TimeSpan.FromSeconds(1));
        Assert.NotNull(_throttle.Enter(IPAddress.Loopback, "another"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_throttle.Enter(IPAddress.Loopback, "another"));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", true)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", false)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", true)]
    public void One_network_of_IPv6_counts_as_one_address(string first, string second, bool mayEnter)
    {
        for (var i = 0; i < 10; i++)
        {
            _throttle.Enter(IPAddress.Parse(first), $"account {i}");
        }

        Assert.Equal(mayEnter, _throttle.Enter(IPAddress.Parse(second), "another") is null);
    }

    [Fact]
    public void Guessing_one_account_from_everywhere_slows_to_one_attempt_a_minute_and_never_stops()
    {
        var attempts = new List<int>();
        for (var second = 0; second < 1_200; second++)
        {
            for (var peer = 0; peer < 5; peer++)
            {
                if (_throttle.Enter(IPAddress.Parse($"198.51.{second / 200}.{(second + peer) % 200}"), "admin") is null)
                {
                    attempts.Add(second);
                }
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.All(attempts.Skip(18).Zip(attempts.Skip(17)), pair => Assert.True(pair.First - pair.Second >= 30, $"{pair.Second} to {pair.First}"));
        Assert.InRange(attempts.Count, 25, 45);
        Assert.Null(_throttle.Enter(IPAddress.Parse("203.0.113.1"), "someone else"));
    }

    [Fact]
    public void Signing_in_forgets_the_attempts_before()
    {
        for (var i = 0; i < 12; i++)
        {
            _throttle.Enter(IPAddress.Parse($"192.0.2.{i}"), "admin");
        }

        Assert.NotNull(_throttle.Enter(IPAddress.Parse("192.0.2.100"), "admin"));
        _throttle.Succeeded("admin");
        Assert.Null(_throttle.Enter(IPAddress.Parse("192.0.2.100"), "admin"));
    }

    private sealed class SteppedClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
