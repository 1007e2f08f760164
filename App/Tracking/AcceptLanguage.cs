using System.Globalization;

namespace ScoreTracking.Tracking;

/// <summary>Which of our languages a browser asks for.</summary>
internal static class AcceptLanguage
{
    // Browsers send a handful; what anyone may send is not read to its end.
    private const int MaxRanges = 20;

    /// <summary>The language the header likes best, by its first part: "de-AT" is German, "pt-BR" Portuguese. English where it names none of ours.</summary>
    public static UnsubscribeTexts Choose(string? header)
    {
        var best = UnsubscribeTexts.English;
        var bestQuality = 0.0;
        var read = 0;
        foreach (var range in header.AsSpan().Split(','))
        {
            if (++read > MaxRanges)
            {
                break;
            }

            var part = header.AsSpan()[range].Trim();
            var end = part.IndexOf(';');
            var quality = end < 0 ? 1 : Quality(part[(end + 1)..]);
            if (quality > bestQuality && Find(end < 0 ? part : part[..end].TrimEnd()) is { } texts)
            {
                (best, bestQuality) = (texts, quality);
            }
        }

        return best;
    }

    private static UnsubscribeTexts? Find(ReadOnlySpan<char> range)
    {
        var end = range.IndexOf('-');
        var language = end < 0 ? range : range[..end];
        foreach (var texts in UnsubscribeTexts.All)
        {
            if (language.Equals(texts.Language, StringComparison.OrdinalIgnoreCase))
            {
                return texts;
            }
        }

        return null;
    }

    // "q=0.8"; what is not a weight is none.
    private static double Quality(ReadOnlySpan<char> parameter)
    {
        parameter = parameter.Trim();
        return parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality) && quality <= 1
                ? quality
                : 0;
    }
}
