namespace ScoreTracking.Segments;

/// <summary>Text in any case, in SQL: SQLite's <c>lower</c> knows the letters of ASCII alone.</summary>
internal static class SegmentText
{
    /// <summary>Both sides of a comparison, made small: a text from a row, and the text it is compared with.</summary>
    public readonly record struct Pair(string Sql, string Value);

    /// <summary>The text as a part of a pattern of <c>LIKE … ESCAPE '!'</c>, which knows the letters of ASCII in any case: any other character stands for any one.</summary>
    public static string Pattern(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.IsAscii switch
    {
        false => "_",
        true when rune.Value is '%' or '_' or '!' => $"!{rune}",
        true => rune.ToString(),
    }));

    /// <param name="sql">The text of the row.</param>
    /// <param name="text">What it is compared with. Of all other letters only its own need to be made small: any that is not among them differs anyway.</param>
    public static Pair Lower(string sql, string text, SegmentParameters parameters)
    {
        var small = text.ToLowerInvariant();
        var lowered = $"lower({sql})";
        foreach (var letter in small.Where(letter => letter > '\u007F' && !char.IsSurrogate(letter) && char.ToUpperInvariant(letter) != letter).Distinct())
        {
            lowered = $"replace({lowered}, {parameters.Add(char.ToUpperInvariant(letter).ToString())}, {parameters.Add(letter.ToString())})";
        }

        return new Pair(lowered, parameters.Add(small));
    }
}
