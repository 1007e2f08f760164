using System.Globalization;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>A box as it is shown, whether drawn or in a list.</summary>
/// <param name="Id">Of the step; <see cref="Start"/> for what the journey begins with.</param>
/// <param name="Kind">Chooses icon and colour: a step's type, or "start".</param>
public sealed record CanvasBox(string Id, string Kind, string Title, string Detail, IReadOnlyList<CanvasExit> Exits)
{
    public const string Start = "";

    /// <summary>Standing here now; null where there is nobody to count.</summary>
    public long? People { get; init; }

    /// <summary>Of those, whom the step could not be done for.</summary>
    public long Failed { get; init; }

    /// <summary>Those whom it could be done for, or may be yet.</summary>
    public long? Standing => People - Failed;

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Fault { get; init; }

    /// <summary>The person that is looked at was here.</summary>
    public bool OnPath { get; init; }

    /// <summary>The person that is looked at stands here.</summary>
    public bool IsHere { get; init; }

    public GraphNode Node => new(Id, [.. Exits.Select(exit => new GraphExit(exit.Key, exit.To, exit.Width))]);

    public static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}

/// <summary>A way out of a box as it is shown.</summary>
/// <param name="Words">"" where there is only one.</param>
/// <param name="To">The box it leads to; null at an end.</param>
public sealed record CanvasExit(string Key, string Words, string? To)
{
    private const double FontSize = 12;
    private const double Longest = 150;
    private const double Padding = 20;

    /// <summary>Who left by it; null where there is nobody to count.</summary>
    public long? People { get; init; }

    /// <summary>The person that is looked at went this way.</summary>
    public bool OnPath { get; init; }

    /// <summary>The words as far as there is room for them.</summary>
    public string Shown => TextFit.Cut(Words, Longest, FontSize);

    /// <summary>0 without words: then the number stands beside the line.</summary>
    public double Width => Words.Length == 0 ? 0 : TextFit.Width(People is { } people ? $"{Shown} · {Components.Numerals.Count(people)}" : Shown, FontSize) + Padding;
}
