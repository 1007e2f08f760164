using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ScoreTracking.Api;

/// <summary>Where a keyset page ended: the name of its list, so that the cursor of another list is refused, and the last key.</summary>
public static class PageCursor
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;

    public static string Write(string list, params ReadOnlySpan<long> key) =>
        Base64Url.EncodeToString(Encoding.ASCII.GetBytes($"{list}:{string.Join(',', key.ToArray().Select(part => part.ToString(CultureInfo.InvariantCulture)))}"));

    /// <summary>Reads a cursor of <paramref name="list"/> with <paramref name="parts"/> key parts. No cursor reads as null and true.</summary>
    public static bool TryRead(string list, string? cursor, int parts, out long[]? key)
    {
        key = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        // Longer than any cursor of ours: refused before it is decoded.
        if (cursor.Length > 200 || !Base64Url.IsValid(cursor))
        {
            return false;
        }

        var text = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(cursor));
        if (!text.StartsWith(list + ":", StringComparison.Ordinal))
        {
            return false;
        }

        var written = text[(list.Length + 1)..].Split(',');
        var read = new long[written.Length];
        for (var i = 0; i < written.Length; i++)
        {
            if (!long.TryParse(written[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out read[i]))
            {
                return false;
            }
        }

        // One spelling per cursor: numbers also parse with signs, leading zeros or trailing NULs, which none of ours has.
        key = read;
        return read.Length == parts && Write(list, read) == cursor;
    }

    /// <summary>Checks <c>?limit=</c>; null means it is fine.</summary>
    public static ProblemHttpResult? Check(int? limit) =>
        limit is < 1 or > MaxLimit ? Problems.Invalid("limit", $"must be 1 to {MaxLimit}") : null;
}
