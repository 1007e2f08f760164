using System.Text;
using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>User and password as an ESP sends them with a request.</summary>
internal static class BasicAuthentication
{
    /// <summary>Whether a request carries the connection's user and password. Both are compared in constant time.</summary>
    public static bool Matches(BasicAuth expected, string? header)
    {
        const string scheme = "Basic ";
        if (header is null || !header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[1024];
        return Convert.TryFromBase64String(header[scheme.Length..].Trim(), bytes, out var written)
            && Signatures.Same(Encoding.UTF8.GetBytes($"{expected.User}:{expected.Password}"), bytes[..written]);
    }
}
