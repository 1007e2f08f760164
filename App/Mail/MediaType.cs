using System.Globalization;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>A Content-Type or Content-Disposition: its word and its parameters, those of RFC 2231 put together.</summary>
/// <param name="Name">Lower case, "multipart/report".</param>
public sealed record MediaType(string Name, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxParameters = 100;

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    public bool IsMultipart => Name.StartsWith("multipart/", StringComparison.Ordinal);

    public static MediaType Parse(string? value)
    {
        var scan = new Scan(HeaderText.WithoutComments(value ?? ""));
        var name = scan.Until(";").Trim().ToLowerInvariant();
        var pieces = new List<(string Name, int Index, bool IsExtended, string Value)>();
        while (!scan.AtEnd && pieces.Count < MaxParameters)
        {
            scan.Skip("; \t");
            var attribute = scan.Until("=;").Trim().ToLowerInvariant();
            if (attribute.Length == 0 || !scan.Take('='))
            {
                scan.Take('=');
                continue;
            }

            pieces.Add(Piece(attribute, scan.Value(attribute)));
        }

        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in pieces.GroupBy(piece => piece.Name))
        {
            parameters[parameter.Key] = Join(parameter.OrderBy(piece => piece.Index).ToList());
        }

        return new MediaType(name, parameters);
    }

    // "filename*0*" is the first piece of an encoded "filename", "filename*" all of it, "filename" a plain one.
    private static (string Name, int Index, bool IsExtended, string Value) Piece(string attribute, string value)
    {
        var isExtended = attribute.EndsWith('*');
        var name = isExtended ? attribute[..^1] : attribute;
        var star = name.LastIndexOf('*');
        return star > 0 && int.TryParse(name.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (name[..star], index, isExtended, value)
            : (name, isExtended ? -1 : int.MaxValue, isExtended, value);
    }

    private static string Join(List<(string Name, int Index, bool IsExtended, string Value)> pieces)
    {
        // A mailer may send both spellings for old readers: the extended one says more.
        var first = pieces[0];
        if (first.Index == int.MaxValue)
        {
            return HeaderText.Decode(first.Value);
        }

        string? charset = null;
        var bytes = new List<byte>();
        foreach (var piece in pieces.Where(piece => piece.Index != int.MaxValue && (first.Index >= 0 || piece.Index < 0)))
        {
            var value = piece.Value;
            if (piece.IsExtended && charset is null && value.Split('\'', 3) is [var named, _, var rest])
            {
                (charset, value) = (named, rest);
            }

            bytes.AddRange(piece.IsExtended ? Unescape(value) : Encoding.UTF8.GetBytes(value));
        }

        return MailCharsets.Decode(bytes.ToArray(), charset);
    }

    private static byte[] Unescape(string value) => TransferDecoding.QuotedPrintable(Encoding.UTF8.GetBytes(value.Replace("=", "%3D", StringComparison.Ordinal).Replace('%', '=')), isHeader: false);

    private ref struct Scan(string text)
    {
        private int _position;

        public readonly bool AtEnd => _position >= text.Length;

        public void Skip(string characters)
        {
            while (!AtEnd && characters.Contains(text[_position]))
            {
                _position++;
            }
        }

        public bool Take(char character)
        {
            if (AtEnd || text[_position] != character)
            {
                return false;
            }

            _position++;
            return true;
        }

        public string Until(string characters)
        {
            var length = text.AsSpan(_position).IndexOfAny(characters);
            var found = length < 0 ? text[_position..] : text.Substring(_position, length);
            _position += found.Length;
            return found;
        }

        public string Value(string attribute)
        {
            Skip(" \t");
            if (!Take('"'))
            {
                // File names come with bare blanks; behind any other value a blank is where a semicolon was forgotten.
                return Until(attribute.Contains("name", StringComparison.Ordinal) ? ";" : "; \t").Trim();
            }

            var value = new StringBuilder();
            while (!AtEnd && text[_position] != '"')
            {
                if (text[_position] == '\\' && _position + 1 < text.Length)
                {
                    _position++;
                }

                value.Append(text[_position++]);
            }

            Take('"');
            return value.ToString();
        }
    }
}
