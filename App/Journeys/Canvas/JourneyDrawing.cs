using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>A definition as boxes.</summary>
public static class JourneyDrawing
{
    /// <param name="numbers">Who stands and went where; null for a draft.</param>
    /// <param name="path">The way of the one person that is looked at; null for none.</param>
    public static IReadOnlyList<CanvasBox> Of(JourneyDefinition definition, JourneyNames names, IReadOnlyList<JourneyFault> faults, JourneyNumbers? numbers = null, PersonPath? path = null)
    {
        var boxes = new List<CanvasBox>
        {
            new(CanvasBox.Start, "start", "Begins", StepWords.Begins(definition.Trigger, names), [new CanvasExit(JourneyStep.Next, "", definition.First?.Id)
            {
                People = numbers?.Entered,
                OnPath = path is not null,
            }])
            {
                Fault = faults.FirstOrDefault(fault => fault.StepId is null)?.Error,
                OnPath = path is not null,
            },
        };
        boxes.AddRange(definition.Steps.DistinctBy(step => step.Id).Select(step => new CanvasBox(step.Id, step.Type, StepWords.Title(step), StepWords.Detail(step, definition, names),
            [.. step.Exits.DistinctBy(exit => exit.Key).Select(exit => new CanvasExit(exit.Key, StepWords.Exit(step, exit.Key), exit.Next)
            {
                People = numbers?.Passed.GetValueOrDefault((step.Id, exit.Key)),
                OnPath = path?.Took(step, exit.Key) ?? false,
            })])
        {
            People = numbers is null ? null : numbers.Standing.GetValueOrDefault(step.Id) + numbers.Failed.GetValueOrDefault(step.Id),
            Failed = numbers?.Failed.GetValueOrDefault(step.Id) ?? 0,
            Fault = faults.FirstOrDefault(fault => fault.StepId == step.Id)?.Error,
            OnPath = path?.Was(step.Id) ?? false,
            IsHere = path?.StandsOn == step.Id,
        }));
        return boxes;
    }
}
