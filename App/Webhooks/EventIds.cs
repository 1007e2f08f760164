using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Webhooks;

/// <summary>Event ids for ESPs that give none.</summary>
internal static class EventIds
{
    /// <summary>The same 32 hex digits for the same fields, so that a retry is known again: half a SHA-256 over the fields, one per line. A missing field is an empty line.</summary>
    public static string Hash(params ReadOnlySpan<string?> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)))[..16]);
}
