namespace ScoreTracking.Journeys.Editor;

/// <summary>A draft and what it was before, as far back as the page has been open.</summary>
public sealed class DraftHistory
{
    /// <summary>Steps back that are kept.</summary>
    private const int Depth = 200;

    private readonly LinkedList<JourneyDefinition> _before = [];
    private readonly Stack<JourneyDefinition> _undone = new();

    public DraftHistory(JourneyDefinition definition) => Now = definition;

    public JourneyDefinition Now { get; private set; }

    public bool CanUndo => _before.Count > 0;

    public bool CanRedo => _undone.Count > 0;

    public void Change(JourneyDefinition changed)
    {
        _before.AddLast(Now);
        if (_before.Count > Depth)
        {
            _before.RemoveFirst();
        }

        _undone.Clear();
        Now = changed;
    }

    public void Undo()
    {
        if (_before.Last is { } last)
        {
            _before.RemoveLast();
            _undone.Push(Now);
            Now = last.Value;
        }
    }

    public void Redo()
    {
        if (_undone.TryPop(out var undone))
        {
            _before.AddLast(Now);
            Now = undone;
        }
    }

    /// <summary>Somebody else has changed it: that cannot be undone here.</summary>
    public void Begin(JourneyDefinition definition)
    {
        _before.Clear();
        _undone.Clear();
        Now = definition;
    }
}
