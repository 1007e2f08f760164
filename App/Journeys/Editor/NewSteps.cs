using ScoreTracking.Events;

namespace ScoreTracking.Journeys.Editor;

/// <param name="Type">As the API writes it.</param>
/// <param name="Words">Of the choice, and what it does.</param>
public sealed record StepChoice(string Type, string Words, string Explains);

/// <summary>Steps as they are when they are added: usual values where there are such, nothing chosen where there are none.</summary>
public static class NewSteps
{
    public static readonly IReadOnlyList<StepChoice> All =
    [
        new(SendStep.TypeName, "Send a campaign", "Everybody who comes here gets it, once."),
        new(DelayStep.TypeName, "Wait a while", "Minutes, hours, days or weeks."),
        new(WaitForStep.TypeName, "Wait for an open, a click, a reply…", "Two ways on: it happened, or time ran out."),
        new(WaitUntilStep.TypeName, "Wait until a date", "A date the contact carries, such as a renewal."),
        new(ConditionStep.TypeName, "Ask a question", "Yes or no, of a message, a segment or the contact."),
        new(BranchStep.TypeName, "Part by engagement", "Different ways for different scores."),
        new(SplitStep.TypeName, "Part by chance", "Shares of the people, for a test."),
        new(UpdateFieldStep.TypeName, "Set a field", "Writes something to the contact."),
        new(AddToListStep.TypeName, "Add to a list", "The contact is put on a list."),
        new(RemoveFromListStep.TypeName, "Remove from a list", "The contact is taken off a list."),
        new(WebhookStep.TypeName, "Call a webhook", "Tells another system that somebody is here."),
    ];

    /// <summary>Only where a way ends: behind it nobody would go on.</summary>
    public static readonly StepChoice End = new(ExitStep.TypeName, "End the journey", "Says that this way ends here on purpose.");

    /// <param name="after">Where it is put; null for the beginning.</param>
    public static JourneyStep Make(string type, JourneyDefinition definition, string? after)
    {
        var id = DefinitionEdits.FreeId(definition);
        return type switch
        {
            SendStep.TypeName => new SendStep(id, 0, null),
            DelayStep.TypeName => new DelayStep(id, TimeSpan.FromDays(1), null),
            WaitForStep.TypeName => new WaitForStep(id, EventType.Clicked, LastSend(definition, after), "", TimeSpan.FromDays(3), null, null),
            WaitUntilStep.TypeName => new WaitUntilStep(id, "", TimeSpan.Zero, new TimeOnly(9, 0), null),
            ConditionStep.TypeName => new ConditionStep(id, new JourneyTest.OfMessage(EventType.Opened, LastSend(definition, after)), null, null),
            BranchStep.TypeName => new BranchStep(id, [new ScoreBranch("low", 30, null)], null),
            SplitStep.TypeName => new SplitStep(id, [new SplitBranch("a", 50, null), new SplitBranch("b", 50, null)]),
            UpdateFieldStep.TypeName => new UpdateFieldStep(id, "", System.Text.Json.Nodes.JsonValue.Create(""), null),
            AddToListStep.TypeName => new AddToListStep(id, 0, null),
            RemoveFromListStep.TypeName => new RemoveFromListStep(id, 0, null),
            WebhookStep.TypeName => new WebhookStep(id, "", null),
            _ => new ExitStep(id),
        };
    }

    private static string LastSend(JourneyDefinition definition, string? after) => definition.Find(after) switch
    {
        null => "",
        SendStep send => send.Id,
        var step => DefinitionEdits.SendsBefore(definition, step.Id) is [var last, ..] ? last.Id : "",
    };
}
