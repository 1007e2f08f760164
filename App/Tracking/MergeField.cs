using System.Text.Json;

namespace ScoreTracking.Tracking;

/// <summary>
/// One of our merge fields in a text, <c>{{name}}</c> or <c>{{ name }}</c>: a letter or underscore, then letters, digits and <c>_ . -</c>.
/// Anything else in braces (helpers, filters, three braces) belongs to another tool and is never touched.
/// </summary>
internal readonly record struct MergeField(int Start, int End, string Name)
{
    /// <summary>The field that stands for the recipient's own unsubscribe address.</summary>
    public const string UnsubscribeUrl = "unsubscribe_url";

    /// <summary>How an attribute reads in mail and links.</summary>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.ToString(),
    };

    /// <summary>What the fields say for one recipient. Address and customer id are the recipient's, whatever an attribute of that name says.</summary>
    /// <param name="attributes">The contact's, as JSON.</param>
    public static Dictionary<string, string> Values(string attributes, string email, string? customerId)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        using var json = JsonDocument.Parse(attributes);
        foreach (var attribute in json.RootElement.EnumerateObject())
        {
            values[attribute.Name] = Text(attribute.Value);
        }

        values["email"] = email;
        if (customerId is not null)
        {
            values["customer_id"] = customerId;
        }

        return values;
    }

    /// <summary>The first field at or after <paramref name="from"/>, wholly before <paramref name="end"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int from, int end, out MergeField field)
    {
        while (from < end)
        {
            var found = text[from..end].IndexOf("{{");
            if (found < 0)
            {
                break;
            }

            var start = from + found;
            if (TryReadAt(text, start, end, out field))
            {
                return true;
            }

            // Three braces mean "unescaped" to other tools: the whole run is theirs.
            from = start + 2;
            while (from < end && text[from] == '{')
            {
                from++;
            }
        }

        field = default;
        return false;
    }

    /// <summary>The field that begins exactly at <paramref name="start"/>.</summary>
    public static bool TryReadAt(ReadOnlySpan<char> text, int start, int end, out MergeField field)
    {
        field = default;
        if (start + 2 > end || text[start] != '{' || text[start + 1] != '{')
        {
            return false;
        }

        var name = SkipSpaces(text, start + 2, end);
        var at = name;
        while (at < end && IsNameCharacter(text[at], first: at == name))
        {
            at++;
        }

        var close = SkipSpaces(text, at, end);
        if (at == name || close + 2 > end || text[close] != '}' || text[close + 1] != '}')
        {
            return false;
        }

        field = new MergeField(start, close + 2, text[name..at].ToString());
        return true;
    }

    private static int SkipSpaces(ReadOnlySpan<char> text, int at, int end)
    {
        while (at < end && text[at] is ' ' or '\t')
        {
            at++;
        }

        return at;
    }

    private static bool IsNameCharacter(char c, bool first) =>
        char.IsAsciiLetter(c) || c == '_' || (!first && (char.IsAsciiDigit(c) || c is '.' or '-'));
}
