using ScoreTracking.Charts;
using ScoreTracking.Components;
using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>A heatmap's figures as they are written and coloured.</summary>
internal sealed class HeatmapPicture
{
    /// <summary>The smallest difference from the average that gets the full colour, as a share of it: near-equal fields must not look like night and day.</summary>
    private const double SmallestReach = 0.1;

    private readonly double _average;
    private readonly double _reach;
    private readonly TestMetric _metric;

    public HeatmapPicture(HeatmapReport map, TestMetric metric, TestWords? words)
    {
        _metric = metric;
        _average = map.Total.Rate ?? 0;
        _reach = map.Cells.SelectMany(row => row).Select(cell => Math.Abs((cell.Mean ?? _average) - _average)).Append(_average * SmallestReach).Max();
        Title = $"{TestWords.Metric(metric)} by {string.Join(" and ", new[] { map.RowField, map.ColField }.Where(field => field is not null).Select(field => TestWords.Field(field!).ToLowerInvariant()))}";
        Rows = Lines(map.RowField, map.Rows, words);
        Cols = Lines(map.ColField, map.Cols, words);
        Tiles = [.. map.Cells.Select((row, r) => row.Select((cell, c) => Tile(cell, $"{map.Rows[r]} {map.Cols[c]}".Trim())).ToList())];
        RowMargins = [.. map.RowMargins.Select(Margin)];
        ColMargins = [.. map.ColMargins.Select(Margin)];
        Total = Tile(map.Total, "All variants shown", best: false);
        HasThin = map.Cells.Any(row => row.Any(cell => cell.IsThin));
    }

    public string Title { get; }
    public IReadOnlyList<HeatLine> Rows { get; }
    public IReadOnlyList<HeatLine> Cols { get; }
    public IReadOnlyList<IReadOnlyList<HeatTile>> Tiles { get; }
    public IReadOnlyList<HeatTile> RowMargins { get; }
    public IReadOnlyList<HeatTile> ColMargins { get; }
    public HeatTile Total { get; }
    public bool HasThin { get; }

    private static List<HeatLine> Lines(string? field, IReadOnlyList<string> keys, TestWords? words) =>
        [.. keys.Select(key => new HeatLine(key, field is null ? null : words?.Level(field, key)))];

    private HeatTile Margin(HeatmapMargin margin) =>
        Tile(new HeatmapCell(margin.N, margin.X, margin.Rate, margin.PBest, margin.Mean, margin.IsThin), margin.Key);

    private HeatTile Tile(HeatmapCell cell, string name, bool best = true)
    {
        var rate = Numerals.Percent(cell.X, cell.N);
        var chance = $"best {Numerals.Chance(cell.PBest)}";
        var of = Numerals.Count(cell.N);
        var n = $"n {of}";
        return new HeatTile(
            rate,
            best ? [n, chance] : [n],
            cell.Mean is { } mean ? HeatScale.StepAround(mean, _average, _reach) : null,
            cell.IsThin,
            $"{name}: {TestWords.Metric(_metric).ToLowerInvariant()} {rate}, {Numerals.Count(cell.X)} of {of}{(best ? $", the best with a probability of {Numerals.Chance(cell.PBest)}" : "")}");
    }
}
