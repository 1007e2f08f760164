using System.Net;
using System.Net.Sockets;

namespace ScoreTracking.Settings;

/// <summary>Addresses and networks whose opens and clicks are our own: an office, a monitoring service. Immutable; asked at every hit.</summary>
public sealed class IgnoredNetworks
{
    /// <summary>Every hit is compared with each of them.</summary>
    public const int MaxCount = 200;

    // Wider ones would hide whole countries: more likely a slip than a wish.
    private const int ShortestIPv4Prefix = 8;
    private const int ShortestIPv6Prefix = 16;

    private readonly IPNetwork[] _networks;

    private IgnoredNetworks(IPNetwork[] networks) => _networks = networks;

    public static IgnoredNetworks None { get; } = new([]);

    /// <summary>In CIDR notation, without bits behind the prefix; a single address without its prefix.</summary>
    public IReadOnlyList<string> Texts => [.. _networks.Select(Text)];

    /// <summary>Reads addresses and CIDR networks; empty entries are passed over and doubles kept once.</summary>
    /// <param name="errors">By index of the entry; "" for the list as a whole.</param>
    /// <returns>Null when there are errors.</returns>
    public static IgnoredNetworks? TryRead(IReadOnlyList<string?> entries, out Dictionary<string, string> errors)
    {
        errors = [];
        var networks = new List<IPNetwork>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i]?.Trim() is not { Length: > 0 } entry)
            {
                continue;
            }

            if (Read(entry) is not { } network)
            {
                errors[Index(i)] = "must be an address or a network such as 203.0.113.7 or 203.0.113.0/24";
            }
            else if (network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? ShortestIPv4Prefix : ShortestIPv6Prefix))
            {
                errors[Index(i)] = $"is too wide: at least /{ShortestIPv4Prefix}, or /{ShortestIPv6Prefix} for IPv6";
            }
            else if (!networks.Contains(network))
            {
                networks.Add(network);
            }
        }

        if (networks.Count > MaxCount)
        {
            errors[""] = $"has more than {MaxCount} entries";
        }

        return errors.Count > 0 ? null : new IgnoredNetworks([.. networks]);
    }

    /// <summary>False for what is no address.</summary>
    public bool Contain(string? address)
    {
        if (_networks.Length == 0 || !IPAddress.TryParse(address, out var parsed))
        {
            return false;
        }

        parsed = Plain(parsed);
        return Array.Exists(_networks, network => network.Contains(parsed));
    }

    private static IPNetwork? Read(string entry)
    {
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        var written = slash < 0 ? entry : entry[..slash];

        // The parser also takes "1", "010.0.0.1" and "fe80::1%eth0", which say something else than their writer meant.
        if (!IPAddress.TryParse(written, out var address) || written.Contains('%', StringComparison.Ordinal)
            || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != written))
        {
            return null;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (slash >= 0 && !(int.TryParse(entry.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out prefix) && prefix <= bits))
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            if (prefix < 96)
            {
                return null;
            }

            prefix -= 96;
        }

        return Masked(Plain(address), prefix);
    }

    // "10.1.2.3/8" means 10.0.0.0/8.
    private static IPNetwork Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF00 >> kept);
        }

        return new IPNetwork(new IPAddress(bytes), prefix);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string Text(IPNetwork network) =>
        network.PrefixLength == (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) ? network.BaseAddress.ToString() : network.ToString();

    private static string Index(int i) => i.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
