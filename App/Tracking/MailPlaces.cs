namespace ScoreTracking.Tracking;

/// <summary>Where the pixel and the preheader go, found while a document is read.</summary>
internal sealed class MailPlaces(string html)
{
    private int? _bodyStart;
    private int? _headEnd;
    private int? _htmlStart;
    private int? _doctypeEnd;
    private int? _bodyEnd;
    private int? _htmlEnd;
    private int? _unfinished;
    private int _lastTag;

    /// <summary>Before the last closing body tag, else the last closing html tag, else the end; never inside something left open there.</summary>
    public int Pixel => _bodyEnd ?? _htmlEnd ?? _unfinished ?? html.Length;

    /// <summary>Behind the first body tag; without one, behind the head or what else must come first: text before a doctype would change how all of it is laid out.</summary>
    public int Preheader => _bodyStart ?? _headEnd ?? _htmlStart ?? _doctypeEnd ?? (html.StartsWith('\uFEFF') ? 1 : 0);

    public void Note(HtmlScanner token)
    {
        if (token.Unfinished)
        {
            // Text and raw text without end belong to the element before them.
            _unfinished = token.Token is HtmlToken.Text or HtmlToken.RawText ? _lastTag : token.Start;
        }
        else if (token.Token == HtmlToken.StartTag)
        {
            _lastTag = token.Start;
            _bodyStart ??= token.Is("body") ? token.End : null;
            _htmlStart ??= token.Is("html") ? token.End : null;
        }
        else if (token.Token == HtmlToken.EndTag)
        {
            _headEnd ??= token.Is("head") ? token.End : null;
            _bodyEnd = token.Is("body") ? token.Start : _bodyEnd;
            _htmlEnd = token.Is("html") ? token.Start : _htmlEnd;
        }
        else if (token.Token == HtmlToken.Declaration && html.AsSpan(token.Start).StartsWith("<!doctype", StringComparison.OrdinalIgnoreCase))
        {
            _doctypeEnd ??= token.End;
        }
    }
}
