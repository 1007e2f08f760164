using System.Buffers;
using System.Globalization;

namespace ScoreTracking.Tracking;

/// <summary>Lays out words and marks as lines of at most 76 characters; a word longer than that, such as an address, has a line of its own.</summary>
internal sealed class PlainTextLayout(CharBuffer output)
{
    private const int Width = 76;

    // Deeper than any mail; what comes deeper is not set in any further.
    private const int MaxDepth = 12;

    private static readonly SearchValues<char> s_separators = SearchValues.Create(
    [
        ' ', '\t', '\r', '\n', '\f', '\v', '\u00A0', PlainTextMark.Line, PlainTextMark.Paragraph, PlainTextMark.Bullets, PlainTextMark.Numbers, PlainTextMark.Quote,
        PlainTextMark.End, PlainTextMark.Item, PlainTextMark.Fixed, PlainTextMark.Join, PlainTextMark.Joined, PlainTextMark.LaidOut, PlainTextMark.LaidOutEnd,
    ]);

    // Joiners and directions: they fill lines, and mean nothing without a letter.
    private static readonly SearchValues<char> s_invisible = SearchValues.Create("\u200C\u200D\u200E\u200F");

    private static readonly string s_room = new(' ', 12);

    private readonly List<Frame> _frames = [];
    private int _deeper;
    private int _breaks;
    private int _held;
    private int _column;
    private int _start;
    private int _kept;
    private bool _space;

    public void Write(ReadOnlySpan<char> source)
    {
        while (true)
        {
            var end = source.IndexOfAny(s_separators);
            var word = end < 0 ? source : source[..end];
            if (word.ContainsAnyExcept(s_invisible))
            {
                Word(word);
            }

            if (end < 0)
            {
                return;
            }

            var mark = source[end];
            source = source[(end + 1)..];
            if (mark == PlainTextMark.LaidOut && source.IndexOf(PlainTextMark.LaidOutEnd) is >= 0 and var last)
            {
                Lines(source[..last]);
                source = source[(last + 1)..];
            }
            else
            {
                Separate(mark);
            }
        }
    }

    // Laid out before, a paragraph of its own.
    private void Lines(ReadOnlySpan<char> lines)
    {
        if (output.Length > 0)
        {
            output.Append("\n\n");
        }

        output.Append(lines);
        _column = lines.Length - 1 - lines.LastIndexOf('\n');
        (_start, _breaks, _space, _kept) = (0, 2, false, 0);
    }

    private void Word(ReadOnlySpan<char> word)
    {
        if (output.Length == 0)
        {
            Begin();
        }
        else if (_breaks > 0)
        {
            output.Append(_breaks > 1 ? "\n\n" : "\n");
            Begin();
        }
        else if (_space && _column > _start)
        {
            if (_kept == 0 && _column + 1 + word.Length > Width)
            {
                output.Append('\n');
                Begin();
            }
            else
            {
                output.Append(' ');
                _column++;
            }
        }

        for (; _kept > 0; _kept--)
        {
            output.Append(' ');
            _column++;
        }

        output.Append(word);
        _column += word.Length;
        (_breaks, _space) = (0, false);
    }

    private void Separate(char mark)
    {
        switch (mark)
        {
            case '\n':
                _breaks = Math.Min(2, _breaks + 1);
                break;
            case PlainTextMark.Line:
                _breaks = Math.Max(1, _breaks);
                break;
            case PlainTextMark.Paragraph:
                _breaks = 2;
                break;
            case PlainTextMark.Bullets or PlainTextMark.Numbers or PlainTextMark.Quote:
                Enter(mark);
                break;
            case PlainTextMark.End:
                Leave();
                break;
            case PlainTextMark.Item:
                _breaks = Math.Max(1, _breaks);
                if (_deeper == 0 && _frames is [.., { Kind: not PlainTextMark.Quote } list])
                {
                    list.Items++;
                    list.Begins = true;
                }

                break;
            case PlainTextMark.Fixed:
                _kept++;
                return;
            case PlainTextMark.Join:
                (_held, _breaks, _space) = (_breaks, 0, true);
                break;
            case PlainTextMark.Joined:
                (_held, _breaks) = (0, Math.Max(_held, _breaks));
                break;
            default:
                _space = true;
                break;
        }

        _kept = 0;
    }

    private void Enter(char kind)
    {
        if (_frames.Count == MaxDepth)
        {
            _deeper++;
        }
        else
        {
            _frames.Add(new Frame(kind));
        }
    }

    private void Leave()
    {
        if (_deeper > 0)
        {
            _deeper--;
        }
        else if (_frames.Count > 0)
        {
            _frames.RemoveAt(_frames.Count - 1);
        }
    }

    // What stands in front of a line: quotation marks, the bullet of an item, or as much room.
    private void Begin()
    {
        _column = 0;
        foreach (var frame in _frames)
        {
            var front = frame.Kind switch
            {
                PlainTextMark.Quote => "> ",
                PlainTextMark.Numbers when frame.Items > 0 => string.Create(CultureInfo.InvariantCulture, $"{frame.Items}. "),
                _ => "- ",
            };
            output.Append(frame.Begins || frame.Kind == PlainTextMark.Quote ? front : s_room.AsSpan(0, Math.Min(front.Length, s_room.Length)));
            frame.Begins = false;
            _column += front.Length;
        }

        _start = _column;
    }

    private sealed class Frame(char kind)
    {
        public char Kind { get; } = kind;
        public int Items { get; set; }

        /// <summary>An item begins with the next word.</summary>
        public bool Begins { get; set; }
    }
}
