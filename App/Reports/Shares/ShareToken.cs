using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Reports.Shares;

/// <summary>The secret in a share link: 256 random bits in 43 characters of base64url. Only its hash is stored; with that much chance in it no slow hash is needed.</summary>
internal static class ShareToken
{
    private const int Bytes = 32;
    private const int Length = 43;

    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    public static byte[] Hash(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>Whether it could be one at all: what a stranger guesses mostly does not reach the database.</summary>
    public static bool IsWellFormed(string token) => token.Length == Length && Base64Url.IsValid(token);
}
