using System.Net;
using System.Net.Sockets;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>What tells two opens of one message apart without keeping an address: a 64-bit hash of the /24 or /48 network and the user agent.</summary>
public static class Fingerprint
{
    // FNV-1a: stable over restarts, since it is stored; it guards nothing.
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <returns>0 when neither is known.</returns>
    public static long Of(IPAddress? address, string? userAgent)
    {
        if (address is null && string.IsNullOrEmpty(userAgent))
        {
            return 0;
        }

        var hash = Offset;
        if (address is not null)
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            Span<byte> bytes = stackalloc byte[16];
            address.TryWriteBytes(bytes, out _);
            foreach (var part in bytes[..(address.AddressFamily == AddressFamily.InterNetwork ? 3 : 6)])
            {
                hash = (hash ^ part) * Prime;
            }
        }

        foreach (var character in userAgent ?? "")
        {
            hash = (hash ^ character) * Prime;
        }

        return hash == 0 ? 1 : (long)hash;
    }
}
