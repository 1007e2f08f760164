using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Hooks;

/// <summary>Which addresses a webhook may reach: those of the public internet, and what the operator allowed besides. An administrator's URL, a name that points inward or a name that changes its mind must not reach this machine or its network.</summary>
public sealed class PublicAddresses(IOptions<HookOptions> options)
{
    private static readonly IPNetwork[] s_inner =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",

            // Of IPv6 only 2000::/3 is the internet; within it, what carries or hides other addresses.
            "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
        }.Select(network => IPNetwork.Parse(network)),
    ];

    private static readonly IPNetwork s_internet6 = IPNetwork.Parse("2000::/3");

    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(Network)];

    public bool Allow(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IsPublic(address) || Array.Exists(_allowed, network => network.Contains(address));
    }

    /// <summary>Whether an address lies on the public internet.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return (address.AddressFamily == AddressFamily.InterNetwork || s_internet6.Contains(address))
            && !Array.Exists(s_inner, network => network.Contains(address));
    }

    private static IPNetwork Network(string text) => IPNetwork.TryParse(text, out var network)
        ? network
        : new IPNetwork(IPAddress.Parse(text), IPAddress.Parse(text).AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
}
