using System.Globalization;

namespace ScoreTracking.Journeys.Editor;

/// <summary>Changes of a journey as a person draws it. Each gives a new definition; ids of steps stay as they are.</summary>
public static class DefinitionEdits
{
    /// <summary>Puts a step on the line of an exit: it leads on to where the exit led, by its own first exit.</summary>
    /// <param name="after">The step whose exit it is; null for what begins the journey.</param>
    public static JourneyDefinition Insert(JourneyDefinition definition, string? after, string key, JourneyStep made)
    {
        var next = after is null ? definition.First?.Id : definition.Find(after)?.Exits.FirstOrDefault(exit => exit.Key == key).Next;
        var first = made.Exits.Count > 0 ? made.Exits[0].Key : null;
        made = made.WithExits(exit => exit.Key == first ? next : null);
        if (after is null)
        {
            return definition with { Steps = [made, .. definition.Steps] };
        }

        return definition with
        {
            Steps = [.. definition.Steps.SelectMany(step => step.Id == after ? [step.WithExits(exit => exit.Key == key ? made.Id : exit.Next), made] : new[] { step })],
        };
    }

    public static JourneyDefinition Replace(JourneyDefinition definition, JourneyStep changed) =>
        definition with { Steps = [.. definition.Steps.Select(step => step.Id == changed.Id ? changed : step)] };

    /// <summary>The same for a step that lost exits: what only they led to goes with them.</summary>
    public static JourneyDefinition ReplaceAndPrune(JourneyDefinition definition, JourneyStep changed) => Prune(definition, Replace(definition, changed));

    /// <summary>Lets an exit lead elsewhere; what nothing leads to any more stays, for the next line to be drawn to it.</summary>
    /// <param name="from">Null for what begins the journey: then <paramref name="to"/> comes first.</param>
    public static JourneyDefinition Lead(JourneyDefinition definition, string? from, string key, string? to) => from switch
    {
        null when definition.Find(to) is { } first => definition with { Steps = [first, .. definition.Steps.Where(step => step != first)] },
        null => definition,
        _ => definition with { Steps = [.. definition.Steps.Select(step => step.Id == from ? step.WithExits(exit => exit.Key == key ? to : exit.Next) : step)] },
    };

    /// <summary>
    /// Takes a step out: whatever led to it leads to what followed it. Where it had several exits that is the first that leads
    /// anywhere, and steps only its other exits led to go with it.
    /// </summary>
    /// <param name="alsoRemoved">How many those were.</param>
    public static JourneyDefinition Remove(JourneyDefinition definition, string id, out int alsoRemoved)
    {
        alsoRemoved = 0;
        if (definition.Find(id) is not { } removed)
        {
            return definition;
        }

        var heir = removed.Exits.Select(exit => exit.Next).FirstOrDefault(next => next != id && definition.Find(next) is not null);
        var left = definition with
        {
            Steps = [.. definition.Steps.Where(step => step != removed).Select(step => step.WithExits(exit => exit.Next == id ? heir : exit.Next))],
        };
        if (definition.First == removed)
        {
            // Without an heir nobody would begin with a step that nobody came to before.
            var before = Reached(definition);
            left = heir is null ? left with { Steps = [.. left.Steps.Where(step => !before.Contains(step.Id))] } : Lead(left, null, "", heir);
        }

        var kept = Prune(definition, left);
        alsoRemoved = definition.Steps.Count - 1 - kept.Steps.Count;
        return kept;
    }

    /// <summary>The shortest id no step has: n1, n2, …</summary>
    public static string FreeId(JourneyDefinition definition) =>
        Enumerable.Range(1, definition.Steps.Count + 1).Select(number => $"n{number.ToString(CultureInfo.InvariantCulture)}").First(id => definition.Find(id) is null);

    /// <summary>The sends a person has come through before a step, the latest first.</summary>
    public static IReadOnlyList<SendStep> SendsBefore(JourneyDefinition definition, string id)
    {
        var found = new List<SendStep>();
        var seen = new HashSet<string>(StringComparer.Ordinal) { id };
        var near = new Queue<string>([id]);
        while (near.TryDequeue(out var place))
        {
            foreach (var step in definition.Steps.Where(step => step.Exits.Any(exit => exit.Next == place) && seen.Add(step.Id)))
            {
                near.Enqueue(step.Id);
                if (step is SendStep send)
                {
                    found.Add(send);
                }
            }
        }

        return found;
    }

    /// <summary>Steps an exit of this one may lead to without going round in a circle.</summary>
    public static IEnumerable<JourneyStep> MayFollow(JourneyDefinition definition, string? id)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(id is null ? [] : [id]);
        while (open.TryPop(out var place))
        {
            if (above.Add(place))
            {
                foreach (var step in definition.Steps.Where(step => step.Exits.Any(exit => exit.Next == place)))
                {
                    open.Push(step.Id);
                }
            }
        }

        return definition.Steps.Where(step => !above.Contains(step.Id));
    }

    // Without the steps people came to before and come to no more.
    private static JourneyDefinition Prune(JourneyDefinition before, JourneyDefinition after)
    {
        var (was, now) = (Reached(before), Reached(after));
        return after with { Steps = [.. after.Steps.Where(step => now.Contains(step.Id) || !was.Contains(step.Id))] };
    }

    private static HashSet<string> Reached(JourneyDefinition definition)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<JourneyStep>();
        if (definition.First is { } first)
        {
            open.Push(first);
        }

        while (open.TryPop(out var step))
        {
            if (found.Add(step.Id))
            {
                foreach (var next in step.Exits.Select(exit => definition.Find(exit.Next)).OfType<JourneyStep>())
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }
}
