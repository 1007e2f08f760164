namespace ScoreTracking.Tracking;

/// <summary>Reads what stands between two pairs of braces.</summary>
internal static class MergeTagReader
{
    // A no-break space too: editors write one where two blanks would meet.
    private const string Blanks = " \t\u00A0";
    private const int MaxShown = 60;

    /// <summary>Reads the tag at an opening pair of braces; false for what is another tool's and no block.</summary>
    public static bool Read(ReadOnlySpan<char> text, int start, bool html, out MergeTag tag)
    {
        tag = default;
        var inside = text[(start + 2)..];
        if (inside.StartsWith("{"))
        {
            return false;
        }

        // Fields do not nest: what opens before this one closed was meant to stand behind it.
        var next = inside.IndexOf("{{");
        var length = (next < 0 ? inside : inside[..next]).IndexOf("}}");
        if (length < 0)
        {
            return LooksOurs(inside) && Fault(start, start + 2, $"{Shown(text[start..(start + 2 + EndOfLine(next < 0 ? inside : inside[..next]))])} is not closed: }}}} is missing", out tag);
        }

        var end = start + 2 + length + 2;
        var source = inside[..length];
        var content = (html && source.Contains('&') ? HtmlText.Decode(source, inAttribute: false) : source).Trim(Blanks);
        return content switch
        {
            ['#', .. var block] => Block(block, start, end, out tag),
            ['^', .. var block] => Foreign(MergeTagKind.Open, block, start, end, out tag),
            ['/', .. var block] when block.Trim(Blanks) is "if" => Found(new MergeTag(MergeTagKind.EndIf, start, end, "if"), out tag),
            ['/', .. var block] => Foreign(MergeTagKind.Close, block, start, end, out tag),
            "else" => Found(new MergeTag(MergeTagKind.Else, start, end, ""), out tag),
            ['e', 'l', 's', 'e', ' ' or '\t', .. var more] => Found(new MergeTag(MergeTagKind.Else, start, end, more.Trim(Blanks).ToString()), out tag),
            _ => Field(content, start, end, out tag),
        };
    }

    /// <summary>A piece of source in a message: one line, not too long.</summary>
    public static string Shown(ReadOnlySpan<char> source)
    {
        var line = source[..EndOfLine(source)].TrimEnd();
        return line.Length <= MaxShown ? line.ToString() : $"{line[..(char.IsHighSurrogate(line[MaxShown - 1]) ? MaxShown - 1 : MaxShown)]}…";
    }

    private static bool Block(ReadOnlySpan<char> content, int start, int end, out MergeTag tag)
    {
        if (!content.StartsWith("if", StringComparison.Ordinal) || (content.Length > 2 && !Blanks.Contains(content[2])))
        {
            return Foreign(MergeTagKind.Open, content, start, end, out tag);
        }

        var condition = content[2..].Trim(Blanks);
        if (condition.Length > 0 && NameLength(condition) == condition.Length)
        {
            return Found(new MergeTag(MergeTagKind.If, start, end, condition.ToString()), out tag);
        }

        // {{#if (eq a b)}}, {{#if @first}}, {{#if ../vip}}: Handlebars has these, and we have nothing that looks like them.
        if (condition is ['@' or '.' or '$', ..] || condition.Contains('('))
        {
            return Found(new MergeTag(MergeTagKind.Open, start, end, "if"), out tag);
        }

        return Fault(
            start,
            end,
            condition.Length == 0 ? "{{#if}} needs the name of a field: {{#if first_name}}" : $"{{{{#if {Shown(condition)}}}}} asks for more than one field: only {{{{#if name}}}} is known, with letters, digits, _ . and -",
            out tag);
    }

    private static bool Foreign(MergeTagKind kind, ReadOnlySpan<char> content, int start, int end, out MergeTag tag)
    {
        var name = content.Trim(Blanks);
        var length = NameLength(name);
        tag = length == 0 ? default : new MergeTag(kind, start, end, name[..length].ToString());
        return length > 0;
    }

    private static bool Field(ReadOnlySpan<char> content, int start, int end, out MergeTag tag)
    {
        tag = default;
        var length = NameLength(content);
        if (length == 0)
        {
            return false;
        }

        var name = content[..length];
        var rest = content[length..].TrimStart(Blanks);
        if (rest.Length == 0)
        {
            return Found(new MergeTag(MergeTagKind.Field, start, end, name.ToString()), out tag);
        }

        if (content[length] == '<')
        {
            return Fault(start, start + 2, $"{{{{{Shown(name)} has an HTML tag inside: format the whole field, not a part of it", out tag);
        }

        var filter = rest[0] == '|' ? rest[1..].TrimStart(Blanks) : "";
        if (!filter.StartsWith("default", StringComparison.Ordinal) || NameLength(filter) != "default".Length)
        {
            return false;
        }

        return Default(name, filter["default".Length..].TrimStart(Blanks), out var text) is { } wrong
            ? Fault(start, end, wrong, out tag)
            : Found(new MergeTag(MergeTagKind.Field, start, end, name.ToString(), text), out tag);
    }

    /// <summary>Reads <c>:"text"</c>; returns what is wrong with it.</summary>
    private static string? Default(ReadOnlySpan<char> name, ReadOnlySpan<char> source, out string text)
    {
        text = "";
        var expected = $"{{{{{name}|default:\"…\"}}}}";
        var value = source.StartsWith(":") ? source[1..].TrimStart(Blanks) : "";
        if (value.Length == 0)
        {
            return $"the default of {Shown(name)} has no text: {expected}";
        }

        if (value[0] is not ('"' or '\''))
        {
            return value[0] is '“' or '”' or '„' or '«' or '‘' or '’' or '‚'
                ? $"the default of {Shown(name)} needs straight quotes: {expected}"
                : $"the default of {Shown(name)} needs quotes: {expected}";
        }

        var close = value[1..].IndexOf(value[0]);
        if (close < 0)
        {
            return $"the default of {Shown(name)} is not closed: a quote is missing before }}}}";
        }

        var within = value.Slice(1, close);
        if (value[(close + 2)..].Trim(Blanks).Length > 0)
        {
            return $"behind the default of {Shown(name)} stands something else: {expected} ends with the quote";
        }

        if (within.Length > MergeTag.MaxDefault)
        {
            return $"the default of {Shown(name)} is longer than {MergeTag.MaxDefault} characters";
        }

        foreach (var c in within)
        {
            if (char.IsControl(c) || c is '{' or '}' or '\u2028' or '\u2029')
            {
                return $"the default of {Shown(name)} cannot hold braces or line breaks";
            }
        }

        text = within.ToString();
        return null;
    }

    private static bool Found(MergeTag found, out MergeTag tag)
    {
        tag = found;
        return true;
    }

    private static bool Fault(int start, int end, string words, out MergeTag tag) => Found(new MergeTag(MergeTagKind.Fault, start, end, words), out tag);

    private static bool LooksOurs(ReadOnlySpan<char> inside)
    {
        var content = inside.TrimStart(Blanks);
        return NameLength(content) > 0 || content.StartsWith("#if", StringComparison.Ordinal) || content.StartsWith("/if", StringComparison.Ordinal);
    }

    private static int EndOfLine(ReadOnlySpan<char> text) => text.IndexOfAny('\r', '\n') is var end and >= 0 ? end : text.Length;

    // A letter or underscore, then letters, digits and _ . -
    private static int NameLength(ReadOnlySpan<char> text)
    {
        var at = 0;
        while (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_' || (at > 0 && (char.IsAsciiDigit(text[at]) || text[at] is '.' or '-'))))
        {
            at++;
        }

        return at;
    }
}
