using System.Text;

namespace ScoreTracking.Tracking;

/// <summary>Collects the words of the link that is open while a document is read, so that reports can name it.</summary>
internal sealed class LinkLabel(string html)
{
    /// <summary>Longest label, in characters.</summary>
    public const int MaxLength = 200;

    // Enough source for a label written in entities; what follows is cut anyway.
    private const int MaxSource = 16 * MaxLength;

    // Tags that do not separate words: <b>S</b>ale is one.
    private static readonly HashSet<string> Inline = new(StringComparer.OrdinalIgnoreCase)
    {
        "a", "abbr", "b", "bdi", "bdo", "big", "code", "del", "em", "font", "i", "ins", "mark", "o:p", "s", "small", "span", "strong", "sub", "sup", "u", "wbr",
    };

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _images = new();
    private readonly List<(int Position, string Label)> _labels = [];
    private int _position;
    private string _element = "";
    private string _title = "";

    /// <summary>The labels of all links that were open, once <see cref="Close"/> was called for the last.</summary>
    public IReadOnlyList<(int Position, string Label)> Labels => _labels;

    /// <summary>A link begins, and with it the one before ends: links do not nest. Position 0 is a link we do not track.</summary>
    public void Open(int position, HtmlScanner tag)
    {
        Close();
        _position = position;
        _element = tag.Name;
        _title = Value(tag, "title") is { Length: > 0 } title ? title : Value(tag, "aria-label");
        if (tag.Is("area"))
        {
            Add(_text, Value(tag, "alt"));
            Close();
        }
        else if (tag.SelfClosing && _element.Contains(':'))
        {
            Close();
        }
    }

    public void Text(ReadOnlySpan<char> source)
    {
        if (_position > 0 && _text.Length < MaxLength)
        {
            var words = source.TrimStart();
            if (words.Length < source.Length)
            {
                Add(_text, " ");
            }

            Add(_text, HtmlText.Decode(words[..Math.Min(words.Length, MaxSource)], inAttribute: false));
        }
    }

    public void Tag(HtmlScanner tag)
    {
        if (_position == 0)
        {
            return;
        }

        if (tag.Token == HtmlToken.EndTag && tag.Is(_element))
        {
            Close();
        }
        else if (tag.Token == HtmlToken.StartTag && tag.Is("img"))
        {
            Add(_images, " ");
            Add(_images, Value(tag, "alt") is { Length: > 0 } alternative ? alternative : Value(tag, "title"));
        }
        else if (!Inline.Contains(tag.Name))
        {
            Add(_text, " ");
        }
    }

    public void Close()
    {
        if (_position > 0)
        {
            var label = Cut(_text);
            label = label.Length > 0 ? label : Cut(_images);
            _labels.Add((_position, label.Length > 0 ? label : Cut(Add(_images, _title))));
        }

        _position = 0;
        _text.Clear();
        _images.Clear();
    }

    // Collapses white space while it grows, so that a link never closed costs no more than a label.
    private static StringBuilder Add(StringBuilder label, string text)
    {
        foreach (var c in text)
        {
            if (label.Length > MaxLength)
            {
                break;
            }

            if (!char.IsWhiteSpace(c) && !char.IsControl(c))
            {
                label.Append(c);
            }
            else if (label.Length > 0 && label[^1] != ' ')
            {
                label.Append(' ');
            }
        }

        return label;
    }

    private static string Cut(StringBuilder label)
    {
        var text = label.ToString();
        if (text.Length > MaxLength)
        {
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        }

        return text.TrimEnd();
    }

    private string Value(HtmlScanner tag, string name) =>
        tag.Attribute(name) is { } attribute
            ? HtmlText.Decode(html.AsSpan(attribute.ValueStart, Math.Min(attribute.ValueEnd - attribute.ValueStart, MaxSource)), inAttribute: true)
            : "";
}
