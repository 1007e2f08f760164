namespace ScoreTracking.Mail;

/// <summary>A mail, or one part of it. A returned message stays one part: what is inside it says nothing about the mail that carries it.</summary>
public sealed class MimePart
{
    private readonly ReadOnlyMemory<byte> _body;

    internal MimePart(MimeHeaders headers, MediaType type, ReadOnlyMemory<byte> body, IReadOnlyList<MimePart> parts)
    {
        Headers = headers;
        Type = type;
        Parts = parts;
        _body = body;
    }

    public MimeHeaders Headers { get; }
    public MediaType Type { get; }

    /// <summary>Empty unless a multipart.</summary>
    public IReadOnlyList<MimePart> Parts { get; }

    /// <summary>The parts that hold something, in order; the mail itself when it has none.</summary>
    public IEnumerable<MimePart> Leaves => Parts.Count == 0 ? [this] : Parts.SelectMany(part => part.Leaves);

    public MediaType Disposition => MediaType.Parse(Headers.Raw("Content-Disposition"));

    public string? FileName => MailLines.OneLine(Disposition["filename"] ?? Type["name"], MailLimits.Line);

    public bool IsAttachment => Disposition.Name == "attachment" || (FileName is not null && Disposition.Name != "inline");

    /// <summary>The content with its transfer encoding undone and LF line ends, at most about so many bytes of it.</summary>
    public ReadOnlyMemory<byte> Content(int limit)
    {
        var encoding = Headers.Raw("Content-Transfer-Encoding");
        var raw = _body[..(int)Math.Min(_body.Length, limit * 3L)]; // quoted-printable is three times the size at worst
        var content = TransferDecoding.Decode(raw, encoding is null ? null : HeaderText.WithoutComments(encoding));
        return MailLines.WithLineFeeds(content[..Math.Min(content.Length, limit)]);
    }

    /// <summary>Text of this part in its charset; HTML without its tags.</summary>
    /// <param name="limit">Bytes of content read.</param>
    public string Text(int limit = MailLimits.Text)
    {
        var text = MailCharsets.Decode(Content(limit).Span, Type["charset"]);
        return Type.Name == "text/html" ? HtmlText.Of(text) : text;
    }

    /// <summary>Bytes of the decoded content.</summary>
    public int Size => Content(MailLimits.MailBytes).Length;
}
