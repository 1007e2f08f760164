namespace ScoreTracking.Tracking;

internal enum MergeTagKind
{
    /// <summary><c>{{name}}</c>, or <c>{{name|default:"text"}}</c>.</summary>
    Field,

    /// <summary><c>{{#if name}}</c>.</summary>
    If,

    /// <summary><c>{{else}}</c>.</summary>
    Else,

    /// <summary><c>{{/if}}</c>.</summary>
    EndIf,

    /// <summary>Another tool's block begins, <c>{{#each …}}</c> or <c>{{^name}}</c>: an else in it is not ours.</summary>
    Open,

    /// <summary>Another tool's block ends, <c>{{/each}}</c>.</summary>
    Close,

    /// <summary>Meant for us and wrong.</summary>
    Fault,
}

/// <summary>
/// A tag of our merge language, or one that matters to it. Everything else in braces (helpers, filters, three braces) belongs to
/// another tool and is never touched.
/// </summary>
/// <param name="Name">Of the field, or the word behind # of another tool's block; of a fault, what is wrong, for people.</param>
/// <param name="Default">What stands in for a missing or blank value; null without one.</param>
internal readonly record struct MergeTag(MergeTagKind Kind, int Start, int End, string Name, string? Default = null)
{
    /// <summary>Longest default, in characters.</summary>
    public const int MaxDefault = 200;

    /// <summary>Whether it may change what a recipient reads.</summary>
    public bool IsOurs => Kind is MergeTagKind.Field or MergeTagKind.If or MergeTagKind.Else or MergeTagKind.EndIf;

    /// <summary>The one spelling of it in stored links.</summary>
    public string Canonical => Kind switch
    {
        MergeTagKind.If => $"{{{{#if {Name}}}}}",
        MergeTagKind.Else => "{{else}}",
        MergeTagKind.EndIf => "{{/if}}",
        MergeTagKind.Field when Default is null => $"{{{{{Name}}}}}",
        MergeTagKind.Field when Default.Contains('"') => $"{{{{{Name}|default:'{Default}'}}}}",
        MergeTagKind.Field => $"{{{{{Name}|default:\"{Default}\"}}}}",
        _ => "",
    };

    /// <summary>The first tag that begins at or after <paramref name="from"/> and before <paramref name="end"/>.</summary>
    /// <param name="text">The whole source: where a tag is closed behind <paramref name="end"/>, it is a fault.</param>
    /// <param name="html">Whether quotes may be written as character references.</param>
    public static bool TryFind(ReadOnlySpan<char> text, int from, int end, bool html, out MergeTag tag)
    {
        while (from < end)
        {
            var found = text[from..end].IndexOf("{{");
            if (found < 0)
            {
                break;
            }

            var start = from + found;
            if (MergeTagReader.Read(text, start, html, out tag))
            {
                if (tag.End > end && tag.Kind != MergeTagKind.Fault)
                {
                    tag = tag with { Kind = MergeTagKind.Fault, End = end, Name = $"{MergeTagReader.Shown(text[start..tag.End])} goes on behind the place it stands in" };
                }

                return true;
            }

            // Three braces mean "unescaped" to other tools: the whole run is theirs.
            from = start + 2;
            while (from < end && text[from] == '{')
            {
                from++;
            }
        }

        tag = default;
        return false;
    }

    /// <summary>The tag of ours that begins exactly at <paramref name="start"/>, wholly before <paramref name="end"/>.</summary>
    public static bool TryReadAt(ReadOnlySpan<char> text, int start, int end, bool html, out MergeTag tag)
    {
        if (start + 2 <= end && text[start] == '{' && text[start + 1] == '{' && MergeTagReader.Read(text[..end], start, html, out tag) && tag.IsOurs)
        {
            return true;
        }

        tag = default;
        return false;
    }
}
