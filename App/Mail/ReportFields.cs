using System.Globalization;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>The field groups of a report and the "type; value" their fields hold.</summary>
internal static class ReportFields
{
    // "smtp", "X-Postfix", "rfc822": a longer word before a semicolon is prose.
    private const int MaxType = 24;

    /// <summary>Groups separated by empty lines. Lines that are no field are passed over; a returned message ends the report.</summary>
    public static List<MimeHeaders> Groups(ReadOnlySpan<byte> text)
    {
        var groups = new List<MimeHeaders>();
        while (!text.IsEmpty && groups.Count < MailLimits.Recipients)
        {
            var line = MailLines.At(text, 0, out var next);
            if (MimeHeaders.NameLength(line) == 0)
            {
                text = text[next..];
                continue;
            }

            var group = MimeHeaders.Read(text, out var end);
            if (group.Has("Received") || group.Has("Message-ID"))
            {
                break;
            }

            AddByRecipient(groups, group);
            text = text[end..];
        }

        return groups;
    }

    /// <summary>What follows the type: "550 5.1.1 unknown" of "smtp; 550 5.1.1 unknown".</summary>
    public static string? Value(string? field)
    {
        if (string.IsNullOrWhiteSpace(field))
        {
            return null;
        }

        var separator = field.IndexOf(';', StringComparison.Ordinal);
        var type = separator is < 0 or > MaxType ? "" : HeaderText.WithoutComments(field[..separator]).Trim();
        var value = type.Length > 0 && type.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? field[(separator + 1)..] : field;
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }

    /// <summary>The address of a recipient field, or null: empty, "unknown", an X.400 name.</summary>
    public static string? Address(string? field)
    {
        var value = Value(field);
        if (value is null)
        {
            return null;
        }

        if (field!.TrimStart().StartsWith("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            value = Unescape(value);
        }

        return Mailbox.First(HeaderText.Decode(value))?.Address;
    }

    /// <summary>The server of an MTA field, without comment.</summary>
    public static string? Host(string? field) => MailLines.OneLine(HeaderText.WithoutComments(Value(field) ?? ""), MailLimits.AddressText);

    /// <summary>The first word without comment, lower case: an Action, a Feedback-Type.</summary>
    public static string Word(string? field) =>
        HeaderText.WithoutComments(field ?? "").Split([' ', '\t', ';', ','], StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()?.ToLowerInvariant() ?? "";

    // A recipient field that comes again begins the next recipient: the empty line between them was lost.
    private static void AddByRecipient(List<MimeHeaders> groups, MimeHeaders group)
    {
        var fields = new List<KeyValuePair<string, string>>();
        bool hasFinal = false, hasOriginal = false;
        foreach (var field in group.Fields)
        {
            var isFinal = field.Key.Equals("Final-Recipient", StringComparison.OrdinalIgnoreCase);
            var isOriginal = field.Key.Equals("Original-Recipient", StringComparison.OrdinalIgnoreCase);
            if ((isFinal && hasFinal) || (isOriginal && hasOriginal))
            {
                groups.Add(new MimeHeaders(fields));
                fields = [];
                hasFinal = hasOriginal = false;
            }

            hasFinal |= isFinal;
            hasOriginal |= isOriginal;
            fields.Add(field);
        }

        groups.Add(new MimeHeaders(fields));
    }

    // RFC 6533: "\x{FC}" for what 7-bit mail cannot carry.
    private static string Unescape(string value)
    {
        var text = new StringBuilder(value.Length);
        for (var at = 0; at < value.Length;)
        {
            var end = value.AsSpan(at).StartsWith("\\x{", StringComparison.OrdinalIgnoreCase) ? value.AsSpan(at, Math.Min(10, value.Length - at)).IndexOf('}') : -1;
            if (end > 3 && int.TryParse(value.AsSpan(at + 3, end - 3), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && Rune.IsValid(code))
            {
                text.Append(new Rune(code).ToString());
                at += end + 1;
            }
            else
            {
                text.Append(value[at++]);
            }
        }

        return text.ToString();
    }
}
