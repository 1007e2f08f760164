using System.Globalization;
using System.Text.RegularExpressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Shell;

/// <summary>WCAG AA: 4.5:1 for words, 3:1 for what a chart draws.</summary>
public sealed partial class ContrastTests
{
    private static readonly string[] s_surfaces = ["bg", "bg-side", "bg-sunken", "bg-raised", "bg-hover", "bg-active"];

    [Theory, InlineData(false), InlineData(true)]
    public void Words_can_be_read_on_every_surface(bool dark)
    {
        var colours = Colours(dark);
        string[] words = ["ink", "ink-2", "ink-3", "accent", "good", "warning", "bad"];
        var pairs = words.SelectMany(word => s_surfaces.Select(surface => (word, surface)))
            .Concat([("on-accent", "accent"), ("on-accent", "accent-strong"), ("bg", "ink"), ("bg", "bad")])
            .Concat(new[] { "accent", "good", "warning", "bad" }.Select(word => (word, $"{word}-soft")));

        Assert.All(pairs, pair => Assert.True(Ratio(colours[pair.Item1], colours[pair.Item2]) >= 4.5, $"{pair.Item1} on {pair.Item2}"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void What_charts_draw_stands_out_from_its_card(bool dark)
    {
        var colours = Colours(dark);

        Assert.All(
            colours.Where(colour => colour.Key.StartsWith("series-", StringComparison.Ordinal)),
            colour => Assert.True(Ratio(colour.Value, colours["bg-raised"]) >= 3, colour.Key));
    }

    private static Dictionary<string, string> Colours(bool dark) =>
        Token().Matches(File.ReadAllText(Golden.PathOf("../wwwroot-assets/tokens.css")))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups[dark ? "dark" : "light"].Value);

    private static double Ratio(string one, string other)
    {
        double[] both = [Luminance(one), Luminance(other)];
        return (both.Max() + 0.05) / (both.Min() + 0.05);
    }

    private static double Luminance(string hex) => (0.2126 * Channel(hex, 0)) + (0.7152 * Channel(hex, 2)) + (0.0722 * Channel(hex, 4));

    private static double Channel(string hex, int at)
    {
        var value = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.03928 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex("--(?<name>[a-z0-9-]+): light-dark\\(#(?<light>[0-9a-f]{6}), #(?<dark>[0-9a-f]{6})\\)")]
    private static partial Regex Token();
}
