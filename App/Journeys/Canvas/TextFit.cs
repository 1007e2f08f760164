using System.Text;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>How much room words take in SVG, which cannot break or cut them itself. Measured roughly and rather too wide, since every machine has its own face.</summary>
public static class TextFit
{
    private const string Ellipsis = "…";

    /// <param name="size">Of the letters, in pixels.</param>
    public static double Width(string text, double size) => text.EnumerateRunes().Sum(Share) * size;

    /// <summary>The words, cut where they would be wider.</summary>
    public static string Cut(string text, double width, double size)
    {
        if (Width(text, size) <= width)
        {
            return text;
        }

        var cut = new StringBuilder();
        var left = (width / size) - Share(new Rune('…'));
        foreach (var rune in text.EnumerateRunes())
        {
            left -= Share(rune);
            if (left < 0)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return cut.ToString().TrimEnd() + Ellipsis;
    }

    // Of the letters' size.
    private static double Share(Rune rune) => rune.Value switch
    {
        'i' or 'j' or 'l' or 't' or 'f' or 'I' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' or ' ' or '(' or ')' or '[' or ']' => 0.34,
        'm' or 'w' or 'M' or 'W' or '@' or '%' or '…' or '—' => 0.92,
        >= 'A' and <= 'Z' => 0.7,
        >= '0' and <= '9' => 0.6,
        < 0x2000 => 0.58,
        _ => 1.05,
    };
}
