using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>What makes a journey one that people can be sent on. Whether campaigns, segments and lists are there is asked by <see cref="JourneyReferences"/>.</summary>
public static class JourneyRules
{
    public const int MaxSteps = 200;
    public const int MaxBranches = 20;
    public const int MaxName = 200;
    public const int MaxId = 64;
    public const int MaxText = 1_000;
    public const int MaxUrl = 2_000;

    /// <summary>Of waits: five years.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromDays(5 * 365 + 2);

    /// <summary>What can begin a journey, be waited for and be a goal.</summary>
    public static readonly IReadOnlyList<EventType> Events =
    [
        EventType.Sent, EventType.Delivered, EventType.Opened, EventType.Clicked, EventType.Bounced, EventType.Complained, EventType.Unsubscribed, EventType.Replied,
    ];

    /// <summary>Everything wrong with a definition, step by step; empty for one that can be published.</summary>
    public static IReadOnlyList<JourneyFault> Check(JourneyDefinition definition)
    {
        var faults = new List<JourneyFault>();
        CheckTrigger(definition.Trigger, faults);
        if (definition.Exit.Goal is JourneyGoal.OfEvent goal)
        {
            CheckEvent(goal.Type, goal.LinkContains, null, "exit.goal", faults);
        }

        if (definition.Steps.Count is 0 or > MaxSteps)
        {
            faults.Add(new JourneyFault(null, "steps", definition.Steps.Count == 0 ? "a journey needs at least one step" : $"at most {MaxSteps} steps"));
            return faults;
        }

        for (var i = 0; i < definition.Steps.Count; i++)
        {
            CheckId(definition, i, faults);
            new StepRules(definition.Steps[i], $"steps[{i}]", faults).Check();
        }

        new JourneyGraph(definition).Check(faults);
        return faults;
    }

    internal static void CheckEvent(EventType type, string linkContains, string? stepId, string path, List<JourneyFault> faults)
    {
        if (!Events.Contains(type))
        {
            faults.Add(new JourneyFault(stepId, $"{path}.event", $"must be one of {string.Join(", ", Events.Select(known => known.Name()))}"));
        }

        if (linkContains.Length > 0 && type != EventType.Clicked)
        {
            faults.Add(new JourneyFault(stepId, $"{path}.link_contains", "only clicks have a link"));
        }
        else if (linkContains.Length > MaxText)
        {
            faults.Add(new JourneyFault(stepId, $"{path}.link_contains", $"at most {MaxText} characters"));
        }
    }

    private static void CheckTrigger(JourneyTrigger trigger, List<JourneyFault> faults)
    {
        switch (trigger)
        {
            case JourneyTrigger.OfEvent reported:
                CheckEvent(reported.Type, reported.LinkContains, null, "trigger", faults);
                break;
            case JourneyTrigger.SegmentJoined { SegmentId: 0 }:
                faults.Add(new JourneyFault(null, "trigger.segment_id", "choose a segment"));
                break;
            case JourneyTrigger.ListJoined { ListId: 0 }:
                faults.Add(new JourneyFault(null, "trigger.list_id", "choose a list"));
                break;
        }
    }

    private static void CheckId(JourneyDefinition definition, int index, List<JourneyFault> faults)
    {
        var id = definition.Steps[index].Id;
        var error = id.Length == 0 ? "required"
            : id.Length > MaxId || !id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') ? $"must have 1 to {MaxId} letters, digits, - and _"
            : definition.Steps.Take(index).Any(step => step.Id == id) ? "another step has the same id"
            : null;
        if (error is not null)
        {
            faults.Add(new JourneyFault(id.Length == 0 ? null : id, $"steps[{index}].id", error));
        }
    }
}
