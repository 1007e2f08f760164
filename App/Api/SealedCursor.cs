using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Api;

/// <summary>A page cursor that fits one list with one filter only: it carries a check over both and its key, so a cursor of another list, campaign or filter, or one somebody altered, is refused instead of giving a page from nowhere.</summary>
public static class SealedCursor
{
    /// <param name="scope">Everything the list depends on: campaign, filter, order.</param>
    public static string Write(string list, string scope, params ReadOnlySpan<long> key) =>
        PageCursor.Write(list, [.. key, Check(list, scope, key)]);

    /// <inheritdoc cref="PageCursor.TryRead"/>
    public static bool TryRead(string list, string scope, string? cursor, int parts, out long[]? key)
    {
        if (!PageCursor.TryRead(list, cursor, parts + 1, out key) || key is null)
        {
            return key is null && string.IsNullOrEmpty(cursor);
        }

        var fits = key[parts] == Check(list, scope, key.AsSpan(0, parts));
        key = fits ? key[..parts] : null;
        return fits;
    }

    private static long Check(string list, string scope, ReadOnlySpan<long> key)
    {
        var text = new StringBuilder(list).Append('\n').Append(scope);
        foreach (var part in key)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture, $"{part}");
        }

        return BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
