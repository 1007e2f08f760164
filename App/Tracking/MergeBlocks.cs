namespace ScoreTracking.Tracking;

/// <summary>A text uses our merge language wrongly.</summary>
/// <param name="offset">Where in the source.</param>
internal sealed class MergeFaultException(int offset, string message) : Exception(message)
{
    /// <summary>For people, to be read behind the name of the field: "has an error at line 2, column 5: …".</summary>
    public string In(ReadOnlySpan<char> source)
    {
        var before = source[..Math.Min(offset, source.Length)];
        var line = 1;
        for (var at = before.IndexOfAny('\r', '\n'); at >= 0; at = before.IndexOfAny('\r', '\n'))
        {
            before = before[(at + (before[at..].StartsWith("\r\n") ? 2 : 1))..];
            line++;
        }

        return $"has an error at line {line}, column {before.Length + 1}: {Message}";
    }
}

/// <summary>Pairs the conditions of a text as it is read from front to back, and knows which else belongs to another tool's block.</summary>
internal sealed class MergeBlocks
{
    /// <summary>How deep conditions may stand in one another.</summary>
    public const int MaxDepth = 5;

    // More than anybody means; without a limit, a text made for it would take time by its square.
    private const int MaxOpen = 200;

    private readonly List<Block> _open = [];
    private readonly List<(int Start, int End)> _whole = [];
    private int _floor;
    private int _depth;

    /// <summary>Where the outermost conditions begin and end.</summary>
    public IReadOnlyList<(int Start, int End)> Whole => _whole;

    /// <summary>What a tag that is no field does to the rendering; null where it belongs to another tool.</summary>
    /// <exception cref="MergeFaultException">It is wrong, or stands where it means nothing.</exception>
    public MailPart? Read(in MergeTag tag)
    {
        switch (tag.Kind)
        {
            case MergeTagKind.Fault:
                throw new MergeFaultException(tag.Start, tag.Name);
            case MergeTagKind.If:
                return Begin(tag);
            case MergeTagKind.Else:
                return Otherwise(tag);
            case MergeTagKind.EndIf:
                return End(tag);
            case MergeTagKind.Open:
                if (_open.Count < MaxOpen)
                {
                    _open.Add(new Block(tag, null));
                }

                return null;
            case MergeTagKind.Close:
                Close(tag.Name);
                return null;
            case MergeTagKind.Field:
            default:
                throw new ArgumentOutOfRangeException(nameof(tag), tag.Kind, "A field is no block.");
        }
    }

    /// <summary>A place begins that conditions cannot reach out of; returns what <see cref="Leave"/> takes.</summary>
    public int Enter()
    {
        var before = _floor;
        _floor = _open.Count;
        return before;
    }

    /// <exception cref="MergeFaultException">A condition of the place has no end in it.</exception>
    public void Leave(int before)
    {
        Finish();
        _open.RemoveRange(_floor, _open.Count - _floor);
        _floor = before;
    }

    /// <exception cref="MergeFaultException">A condition has no end.</exception>
    public void Finish()
    {
        for (var at = _floor; at < _open.Count; at++)
        {
            if (_open[at].Branch is not null)
            {
                throw new MergeFaultException(_open[at].Tag.Start, $"{{{{#if {_open[at].Tag.Name}}}}} is not closed: {{{{/if}}}} is missing");
            }
        }
    }

    private BranchPart Begin(in MergeTag tag)
    {
        if (_depth == MaxDepth)
        {
            throw new MergeFaultException(tag.Start, $"conditions stand at most {MaxDepth} deep in one another");
        }

        _depth++;
        var branch = new BranchPart(tag.Name);
        _open.Add(new Block(tag, branch));
        return branch;
    }

    private ElsePart? Otherwise(in MergeTag tag)
    {
        if (_open.Count == _floor)
        {
            throw new MergeFaultException(tag.Start, $"{{{{else}}}} has no {{{{#if}}}} {(_floor > 0 ? "in the same place" : "before it")}");
        }

        var block = _open[^1];
        if (block.Branch is null)
        {
            return null;
        }

        if (tag.Name.Length > 0)
        {
            throw new MergeFaultException(tag.Start, $"{{{{else {MergeTagReader.Shown(tag.Name)}}}}} is not known: put another {{{{#if}}}} behind {{{{else}}}}");
        }

        if (block.Else is not null)
        {
            throw new MergeFaultException(tag.Start, $"{{{{#if {block.Tag.Name}}}}} has a second {{{{else}}}}");
        }

        block.Else = new ElsePart();
        block.Branch.Otherwise = block.Else;
        return block.Else;
    }

    private EndPart? End(in MergeTag tag)
    {
        // A block of another tool that was left open ends with what it stands in.
        var at = _open.FindLastIndex(block => block.Branch is not null || block.Tag.Name == "if");
        if (at < _floor)
        {
            throw new MergeFaultException(tag.Start, $"{{{{/if}}}} has no {{{{#if}}}} {(_floor > 0 ? "in the same place" : "before it")}");
        }

        var block = _open[at];
        _open.RemoveRange(at, _open.Count - at);
        if (block.Branch is null)
        {
            return null;
        }

        if (--_depth == 0)
        {
            _whole.Add((block.Tag.Start, tag.End));
        }

        var end = new EndPart();
        if (block.Else is { } otherwise)
        {
            otherwise.End = end;
        }
        else
        {
            block.Branch.Otherwise = end;
        }

        return end;
    }

    private void Close(string name)
    {
        var at = _open.FindLastIndex(block => block.Branch is not null || block.Tag.Name == name);
        if (at >= _floor && _open[at].Branch is null)
        {
            _open.RemoveRange(at, _open.Count - at);
        }
    }

    /// <param name="Branch">Null where it is another tool's.</param>
    private sealed record Block(MergeTag Tag, BranchPart? Branch)
    {
        public ElsePart? Else { get; set; }
    }
}
