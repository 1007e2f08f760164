namespace ScoreTracking.Geo;

/// <summary>The country a content network names in a header of its own. Worth something only from a trusted proxy: whoever else sends it has it taken away before anything reads it.</summary>
public static class EdgeCountry
{
    private const string Unknown = "XX";

    private static readonly string[] s_headers = ["CF-IPCountry", "CloudFront-Viewer-Country"];

    /// <summary>Two capital letters, or null.</summary>
    public static string? Read(IHeaderDictionary headers)
    {
        foreach (var header in s_headers)
        {
            // "T1", which is Tor, is no country.
            if (headers.TryGetValue(header, out var value) && value is [{ Length: 2 } code] && code != Unknown
                && char.IsAsciiLetterUpper(code[0]) && char.IsAsciiLetterUpper(code[1]))
            {
                return code;
            }
        }

        return null;
    }

    public static void Remove(IHeaderDictionary headers)
    {
        foreach (var header in s_headers)
        {
            headers.Remove(header);
        }
    }
}
