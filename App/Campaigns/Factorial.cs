using System.Text.Json;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>The variants of a campaign: every combination of its factors' levels, the last factor turning fastest. Without a test it is one variant with the key "".</summary>
public static class Factorial
{
    public const int MaxFactors = 4;
    public const int MaxVariants = 50;

    /// <param name="test">Valid, or null.</param>
    public static List<Variant> Variants(AbTestBody? test)
    {
        List<(string Field, string Key)[]> cells = [[]];
        foreach (var factor in test?.Factors ?? [])
        {
            cells = [.. cells.SelectMany(cell => factor.Levels!.Select(level => ((string, string)[])[.. cell, (factor.Field!, level.Key!)]))];
        }

        var weights = test?.Weights;
        var sum = weights?.Sum() ?? cells.Count;
        return [.. cells.Select((cell, position) => new Variant
        {
            Position = position,
            Key = string.Join('.', cell.Select(level => level.Key)),
            Levels = JsonSerializer.Serialize(cell.ToDictionary(level => level.Field, level => level.Key)),
            Weight = (weights?[position] ?? 1) / sum,
        })];
    }
}
