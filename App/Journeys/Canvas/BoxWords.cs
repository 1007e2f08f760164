using ScoreTracking.Components;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>A box and an exit read aloud.</summary>
public static class BoxWords
{
    public static string Of(CanvasBox box) => string.Join(", ", Parts(box).Where(part => part.Length > 0));

    public static string Of(CanvasBox box, CanvasExit exit) =>
        exit.Words.Length == 0 ? $"Add a step after {Name(box)}" : $"Add a step after {Name(box)}, {exit.Words}";

    /// <summary>"Send, Welcome".</summary>
    public static string Name(CanvasBox box) => box.Detail.Length == 0 ? box.Title : $"{box.Title}, {box.Detail}";

    private static IEnumerable<string> Parts(CanvasBox box)
    {
        yield return Name(box);
        yield return box.IsHere ? "stands here" : box.OnPath ? "was here" : "";
        yield return box.People is { } people ? $"{Numerals.Count(people, "person", "people")} here" : "";
        yield return box.Failed > 0 ? $"{Numerals.Count(box.Failed)} failed" : "";
        yield return box.Fault is { } fault ? $"needs a look: {fault}" : "";
    }
}
