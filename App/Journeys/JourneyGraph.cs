namespace ScoreTracking.Journeys;

/// <summary>Where the steps of a journey lead.</summary>
internal sealed class JourneyGraph
{
    private readonly JourneyDefinition _definition;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly bool[] _reached;

    public JourneyGraph(JourneyDefinition definition)
    {
        _definition = definition;
        for (var i = 0; i < definition.Steps.Count; i++)
        {
            _places.TryAdd(definition.Steps[i].Id, i);
        }

        _reached = new bool[definition.Steps.Count];
        Reach();
    }

    /// <summary>Exits that lead nowhere, circles, steps nobody comes to, and messages no step before has sent.</summary>
    public void Check(List<JourneyFault> faults)
    {
        for (var i = 0; i < _definition.Steps.Count; i++)
        {
            var step = _definition.Steps[i];
            foreach (var exit in step.Exits)
            {
                if (exit.Next is { } next && !_places.ContainsKey(next))
                {
                    faults.Add(new JourneyFault(step.Id, $"steps[{i}].{Field(step, exit)}", $"leads to {next}, which does not exist"));
                }
            }

            if (!_reached[i])
            {
                faults.Add(new JourneyFault(step.Id, $"steps[{i}]", "nobody can come here: no step leads to it"));
            }
        }

        if (Circle() is { } circle)
        {
            var from = circle[^1];
            faults.Add(new JourneyFault(
                _definition.Steps[from].Id, $"steps[{from}]",
                $"goes round in a circle ({string.Join(" → ", [.. circle.Select(place => _definition.Steps[place].Id), _definition.Steps[circle[0]].Id])}): people would never come out"));
            return;
        }

        for (var i = 0; i < _definition.Steps.Count; i++)
        {
            CheckMessage(i, faults);
        }
    }

    private static string Field(JourneyStep step, StepExit exit) => step switch
    {
        WaitForStep => $"on_{exit.Key}",
        BranchStep branch when exit.Key != BranchStep.OtherwiseExit => $"branches[{branch.Branches.Select(one => one.Key).ToList().IndexOf(exit.Key)}].next",
        SplitStep split => $"branches[{split.Branches.Select(one => one.Key).ToList().IndexOf(exit.Key)}].next",
        _ => exit.Key,
    };

    private void CheckMessage(int place, List<JourneyFault> faults)
    {
        var (messageOf, field) = _definition.Steps[place] switch
        {
            WaitForStep wait => (wait.MessageOf, "message_of"),
            ConditionStep { Test: JourneyTest.OfMessage test } => (test.MessageOf, "test.message_of"),
            _ => (null, ""),
        };
        if (messageOf is null)
        {
            return;
        }

        var error = messageOf.Length == 0 ? "choose the step that sends the message"
            : !_places.TryGetValue(messageOf, out var sender) ? $"{messageOf} does not exist"
            : _definition.Steps[sender] is not SendStep ? $"{messageOf} sends nothing"
            : _reached[place] && !LeadsTo(sender, place) ? $"{messageOf} does not come before this step"
            : null;
        if (error is not null)
        {
            faults.Add(new JourneyFault(_definition.Steps[place].Id, $"steps[{place}].{field}", error));
        }
    }

    private IEnumerable<int> After(int place)
    {
        foreach (var exit in _definition.Steps[place].Exits)
        {
            if (exit.Next is { } next && _places.TryGetValue(next, out var there))
            {
                yield return there;
            }
        }
    }

    private void Reach()
    {
        var waiting = new Stack<int>();
        if (_reached.Length > 0)
        {
            waiting.Push(0);
        }

        while (waiting.TryPop(out var place))
        {
            if (!_reached[place])
            {
                _reached[place] = true;
                foreach (var next in After(place))
                {
                    waiting.Push(next);
                }
            }
        }
    }

    private bool LeadsTo(int from, int to)
    {
        var seen = new bool[_reached.Length];
        var waiting = new Stack<int>(After(from));
        while (waiting.TryPop(out var place))
        {
            if (place == to)
            {
                return true;
            }

            if (!seen[place])
            {
                seen[place] = true;
                foreach (var next in After(place))
                {
                    waiting.Push(next);
                }
            }
        }

        return false;
    }

    // The steps of one circle, in order; null without one. At most 200 deep.
    private List<int>? Circle()
    {
        var state = new byte[_reached.Length];
        var path = new List<int>();
        for (var i = 0; i < state.Length; i++)
        {
            if (state[i] == 0 && Walk(i) is { } circle)
            {
                return circle;
            }
        }

        return null;

        List<int>? Walk(int place)
        {
            state[place] = 1;
            path.Add(place);
            foreach (var next in After(place))
            {
                if (state[next] == 1)
                {
                    return path[path.IndexOf(next)..];
                }

                if (state[next] == 0 && Walk(next) is { } found)
                {
                    return found;
                }
            }

            state[place] = 2;
            path.RemoveAt(path.Count - 1);
            return null;
        }
    }
}
