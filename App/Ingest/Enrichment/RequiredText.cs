using System.Buffers;
using System.Globalization;
using System.Text;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>
/// What a text must contain for a regular expression to have a chance, without regard to case: looking for it costs a
/// hundredth of the expression, and most expressions of a long list have none. Errs on the side of a chance.
/// </summary>
internal sealed class RequiredText
{
    private readonly string? _only;
    private readonly SearchValues<string>? _any;

    private RequiredText(IReadOnlyList<string>? any)
    {
        if (any is [var only])
        {
            _only = only;
        }
        else if (any is not null)
        {
            _any = SearchValues.Create([.. any], StringComparison.Ordinal);
        }
    }

    public static RequiredText Of(string pattern) => new(new Reader(pattern).Read());

    /// <param name="lower">The text in lower case.</param>
    public bool IsIn(string lower) =>
        _only is not null ? lower.Contains(_only, StringComparison.Ordinal) : _any is null || lower.AsSpan().ContainsAny(_any);

    // One part of an expression: the text it is, where it is exactly one; else texts of which it contains at least one.
    private readonly record struct Part(string? Exact, IReadOnlyList<string>? AnyOf);

    private sealed class Reader(string pattern)
    {
        private static readonly Part s_anything = new(null, null);
        private static readonly Part s_nothing = new("", null);

        private int _at;

        public IReadOnlyList<string>? Read()
        {
            var whole = Alternatives();
            return whole.Exact is { Length: > 0 } exact ? [exact] : whole.AnyOf;
        }

        private bool Ended => _at >= pattern.Length;

        private Part Alternatives()
        {
            var branches = new List<Part> { Sequence() };
            while (!Ended && pattern[_at] == '|')
            {
                _at++;
                branches.Add(Sequence());
            }

            if (branches is [var only])
            {
                return only;
            }

            var all = new List<string>();
            foreach (var branch in branches)
            {
                if (branch.Exact is { Length: > 0 } exact)
                {
                    all.Add(exact);
                }
                else if (branch.AnyOf is { } any)
                {
                    all.AddRange(any);
                }
                else
                {
                    return s_anything;
                }
            }

            return new Part(null, all);
        }

        private Part Sequence()
        {
            var exact = true;
            var run = new StringBuilder();
            IReadOnlyList<string>? best = null;
            while (!Ended && pattern[_at] is not ('|' or ')'))
            {
                var part = Atom();
                var (least, repeats) = Quantifier();
                exact &= part.Exact is not null && !repeats;
                if (least > 0 && part.Exact is not null)
                {
                    run.Append(part.Exact);
                }

                if (part.Exact is null || repeats)
                {
                    best = Better(best, Flush(run));
                    best = least > 0 ? Better(best, part.AnyOf) : best;
                }
            }

            return exact ? new Part(run.ToString(), null) : new Part(null, Better(best, Flush(run)));
        }

        private Part Atom()
        {
            var character = pattern[_at++];
            switch (character)
            {
                case '(':
                    var ahead = pattern.AsSpan(_at);
                    var plain = !ahead.StartsWith("?") || ahead.StartsWith("?:");
                    _at += ahead.StartsWith("?:") ? 2 : 0;
                    var inner = Alternatives();
                    _at++;
                    return plain ? inner : s_anything;
                case '[':
                    return Class();
                case '\\':
                    return Escape(pattern[_at++]);
                case '.':
                    return s_anything;
                case '^' or '$':
                    return s_nothing;
                default:
                    return new Part(Lower(character), null);
            }
        }

        private static Part Escape(char escaped) => escaped switch
        {
            'b' => s_nothing,
            _ when char.IsLetterOrDigit(escaped) => s_anything,
            _ => new Part(Lower(escaped), null),
        };

        // "[Bb]" is a letter in either case; any other class is anything.
        private Part Class()
        {
            var from = _at;
            _at += pattern[_at] == '^' ? 1 : 0;

            // Written first, a bracket is one of the characters.
            _at += pattern[_at] == ']' ? 1 : 0;
            while (pattern[_at] != ']')
            {
                _at += pattern[_at] == '\\' ? 2 : 1;
            }

            var content = pattern[from.._at++];
            return content.Length == 2 && Lower(content[0]) == Lower(content[1]) ? new Part(Lower(content[0]), null) : s_anything;
        }

        // How often at least, and whether that may be any number but one.
        private (int Least, bool Repeats) Quantifier()
        {
            if (Ended || pattern[_at] is not ('?' or '*' or '+' or '{'))
            {
                return (1, false);
            }

            var least = pattern[_at] == '+' ? 1 : 0;
            if (pattern[_at] == '{')
            {
                var end = pattern.IndexOf('}', _at);
                var first = pattern.AsSpan(_at + 1, end - _at - 1);
                first = first.Contains(',') ? first[..first.IndexOf(',')] : first;
                least = int.Parse(first, CultureInfo.InvariantCulture);
                _at = end;
            }

            _at++;
            _at += !Ended && pattern[_at] == '?' ? 1 : 0;
            return (least, true);
        }

        private static IReadOnlyList<string>? Flush(StringBuilder run)
        {
            var text = run.ToString();
            run.Clear();
            return text.Length > 0 ? [text] : null;
        }

        // The longer the rarest must be, the fewer texts have it.
        private static IReadOnlyList<string>? Better(IReadOnlyList<string>? a, IReadOnlyList<string>? b) =>
            a is null ? b : b is null || a.Min(text => text.Length) >= b.Min(text => text.Length) ? a : b;

        private static string Lower(char character) => char.ToLowerInvariant(character).ToString();
    }
}
