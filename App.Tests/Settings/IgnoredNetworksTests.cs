using ScoreTracking.Settings;

namespace ScoreTracking.Tests.Settings;

public sealed class IgnoredNetworksTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData(" 203.0.113.7/32 ", "203.0.113.7")]
    [InlineData("203.0.113.7/24", "203.0.113.0/24")]
    [InlineData("10.255.1.2/9", "10.128.0.0/9")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7/120", "203.0.113.0/24")]
    [InlineData("2001:DB8::1", "2001:db8::1")]
    [InlineData("2001:db8:0:1::5/48", "2001:db8::/48")]
    public void Addresses_and_networks_are_kept_in_their_shortest_form(string written, string kept) =>
        Assert.Equal([kept], IgnoredNetworks.TryRead([written, "", null, written], out _)!.Texts);

    [Theory]
    [InlineData("localhost"), InlineData("203.0.113"), InlineData("203.0.113.256"), InlineData("203.0.113.0/33"), InlineData("203.0.113.0/-1"), InlineData("203.0.113.0/")]
    [InlineData("203.0.113.0/24/24"), InlineData("1"), InlineData("010.0.0.1"), InlineData("0x7f.0.0.1"), InlineData("fe80::1%eth0"), InlineData("2001:db8::/129"), InlineData("/8"), InlineData("203.0.113.0-9")]
    [InlineData("0.0.0.0/0"), InlineData("10.0.0.0/7"), InlineData("::/0"), InlineData("2000::/3"), InlineData("::ffff:0:0/96"), InlineData("::ffff:1.2.3.4/95")]
    public void Anything_else_and_whatever_would_hide_half_the_world_is_refused_by_its_place(string written)
    {
        Assert.Null(IgnoredNetworks.TryRead(["203.0.113.7", written], out var errors));
        Assert.Equal(["1"], errors.Keys);
    }

    [Theory]
    [InlineData("203.0.113.255", true), InlineData("::ffff:203.0.113.1", true), InlineData("203.0.114.0", false)]
    [InlineData("2001:db8:0:ffff::1", true), InlineData("2001:db8:1::1", false), InlineData("198.51.100.4", true), InlineData("198.51.100.5", false)]
    [InlineData(null, false), InlineData("", false), InlineData("unknown", false)]
    public void A_hit_is_ours_when_its_address_lies_in_one_of_them(string? address, bool ours) =>
        Assert.Equal(ours, IgnoredNetworks.TryRead(["203.0.113.0/24", "2001:db8::/48", "198.51.100.4"], out _)!.Contain(address));

    [Fact]
    public void Two_hundred_entries_are_enough()
    {
        Assert.NotNull(IgnoredNetworks.TryRead([.. Enumerable.Range(0, 200).Select(i => $"10.0.0.{i}")], out _));
        Assert.Null(IgnoredNetworks.TryRead([.. Enumerable.Range(0, 201).Select(i => $"10.0.0.{i}")], out var errors));
        Assert.Equal([""], errors.Keys);
    }
}
