using System.Buffers;

namespace ScoreTracking.Mail;

/// <summary>The fields of a header in order, unfolded. Also reads the field groups of delivery and feedback reports, which are written alike.</summary>
public sealed class MimeHeaders
{
    public static readonly MimeHeaders None = new([]);

    // RFC 5322 allows 998 characters for a line; no real field name comes near this.
    private const int MaxName = 100;

    internal MimeHeaders(IReadOnlyList<KeyValuePair<string, string>> fields) => Fields = fields;

    /// <summary>Names as written, values unfolded, encoded words not yet decoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; }

    /// <summary>The first field of a name, whatever its case, with encoded words decoded.</summary>
    public string? this[string name] => Raw(name) is { } value ? HeaderText.Decode(value) : null;

    /// <summary>The same as it was sent: addresses and parameters are taken apart before they are decoded.</summary>
    public string? Raw(string name)
    {
        foreach (var field in Fields)
        {
            if (field.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return field.Value;
            }
        }

        return null;
    }

    public IEnumerable<string> All(string name) => Fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value);

    public bool Has(string name) => Raw(name) is not null;

    /// <summary>Reads fields up to an empty line, or up to a line that is no field: some mailers forget the empty one.</summary>
    /// <param name="text">With LF line ends.</param>
    /// <param name="bodyStart">Where the body begins.</param>
    public static MimeHeaders Read(ReadOnlySpan<byte> text, out int bodyStart)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var value = new ArrayBufferWriter<byte>(256);
        string? name = null;
        var room = MailLimits.HeaderBytes;
        var position = 0;
        while (position < text.Length)
        {
            var line = MailLines.At(text, position, out var next);
            if (line.IsEmpty)
            {
                position = next;
                break;
            }

            if (line[0] is (byte)' ' or (byte)'\t' && name is not null)
            {
                Append(line, " "u8);
            }
            else if (NameLength(line) is > 0 and var length)
            {
                Keep();
                name = MailCharsets.Decode(line[..length].TrimEnd((byte)' '), null);
                Append(line[(line.IndexOf((byte)':') + 1)..], default);
            }
            else
            {
                break;
            }

            position = next;
        }

        Keep();
        bodyStart = position;
        return new MimeHeaders(fields);

        void Append(ReadOnlySpan<byte> line, ReadOnlySpan<byte> before)
        {
            var part = line.Trim(" \t"u8);
            if (!part.IsEmpty && value.WrittenCount + part.Length + 1 <= Math.Min(room, MailLimits.FieldBytes))
            {
                value.Write(value.WrittenCount > 0 ? before : default);
                value.Write(part);
            }
        }

        void Keep()
        {
            if (name is not null && fields.Count < MailLimits.HeaderFields)
            {
                room -= value.WrittenCount;
                fields.Add(new(name, MailCharsets.Decode(value.WrittenSpan, null)));
            }

            value.ResetWrittenCount();
        }
    }

    /// <summary>Length of the field name a line begins with, 0 when it begins with none.</summary>
    internal static int NameLength(ReadOnlySpan<byte> line)
    {
        var length = 0;
        while (length < line.Length && length < MaxName && line[length] is > 32 and < 127 and not (byte)':')
        {
            length++;
        }

        var colon = length;
        while (colon < line.Length && colon < MaxName && line[colon] is (byte)' ' or (byte)'\t')
        {
            colon++;
        }

        return colon < line.Length && line[colon] == ':' ? length : 0;
    }
}
