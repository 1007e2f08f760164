namespace ScoreTracking.Tracking;

/// <summary>
/// Reads an address from its beginning and tells how a value is written at each place of it: what came before decides whether
/// a value may bring a scheme of its own. Both branches of a condition are followed.
/// </summary>
internal sealed class AddressSpelling
{
    private readonly Stack<(State Before, State? First)> _branches = new();
    private State _state = new(Kind.Beginning, "");

    private enum Kind
    {
        /// <summary>No scheme yet, and none excluded.</summary>
        Beginning,
        Web,

        /// <summary>mailto, tel, sms.</summary>
        Address,
        Script,

        /// <summary>A condition decides whether the address has begun.</summary>
        Unclear,
    }

    /// <summary>Whether what stands here is a script, which has no escaping that would hold a value.</summary>
    public bool IsScript => _state.Kind == Kind.Script;

    public void Literal(ReadOnlySpan<char> source)
    {
        if (_state.Kind != Kind.Beginning)
        {
            return;
        }

        var written = _state.Written + source.ToString();
        var beginning = LinkAddress.Read(written);
        var end = beginning.AsSpan().IndexOfAny(":/?#");
        _state = end < 0 ? new State(Kind.Beginning, written)
            : beginning[end] != ':' ? new State(Kind.Web, "")
            : beginning[..end].ToLowerInvariant() switch
            {
                "http" or "https" => new State(Kind.Web, ""),
                "javascript" or "vbscript" or "data" => new State(Kind.Script, ""),
                _ => new State(Kind.Address, ""),
            };
    }

    /// <exception cref="MergeFaultException">Whether it begins the address depends on a condition.</exception>
    public FieldSpelling Field(in MergeTag field)
    {
        switch (_state.Kind)
        {
            case Kind.Beginning:
                var first = LinkAddress.Read(_state.Written).Length == 0;
                _state = new State(Kind.Web, "");
                return first ? FieldSpelling.WholeUrl : FieldSpelling.UrlPart;
            case Kind.Web or Kind.Script:
                return FieldSpelling.UrlPart;
            case Kind.Address:
                return FieldSpelling.AddressPart;
            case Kind.Unclear:
            default:
                throw new MergeFaultException(field.Start, $"whether {{{{{field.Name}}}}} begins the address depends on the condition before it: put the whole address into the condition");
        }
    }

    public void Block(MergeTagKind kind)
    {
        if (kind == MergeTagKind.If)
        {
            _branches.Push((_state, null));
        }
        else if (_branches.TryPop(out var branch))
        {
            if (kind == MergeTagKind.Else)
            {
                _branches.Push((branch.Before, _state));
                _state = branch.Before;
            }
            else
            {
                _state = Either(branch.First ?? branch.Before, _state);
            }
        }
    }

    private static State Either(State one, State other) =>
        one == other ? one
        : one.Kind == Kind.Script || other.Kind == Kind.Script ? new State(Kind.Script, "")
        : one.Kind is Kind.Beginning or Kind.Unclear || other.Kind is Kind.Beginning or Kind.Unclear ? new State(Kind.Unclear, "")
        : new State(Kind.Web, "");

    private readonly record struct State(Kind Kind, string Written);
}
