namespace ScoreTracking.Tracking;

/// <summary>Cuts a text, or one place of a document, into what stays and what is filled.</summary>
internal static class MergeParts
{
    /// <param name="fieldsOnly">Conditions and faults stay as written: what once was accepted must still be sent.</param>
    /// <param name="block">Told of each tag of a condition.</param>
    /// <exception cref="MergeFaultException">It uses our merge language wrongly.</exception>
    public static List<MailPart> Read(
        string source, int start, int end, bool html, bool fieldsOnly, Func<int, int, MailPart> literal, Func<MergeTag, MailPart> field, Action<MergeTag>? block = null)
    {
        var parts = new List<MailPart>();
        var blocks = new MergeBlocks();
        var from = start;
        for (var at = start; MergeTag.TryFind(source, at, end, html, out var tag); at = tag.End)
        {
            var part = tag.Kind == MergeTagKind.Field || fieldsOnly ? null : blocks.Read(tag);
            if (part is null && tag.Kind != MergeTagKind.Field)
            {
                continue;
            }

            Literal(tag.Start);
            parts.Add(part ?? field(tag));
            if (part is not null)
            {
                block?.Invoke(tag);
            }

            from = tag.End;
        }

        blocks.Finish();
        Literal(end);
        MailPart.Number(parts);
        return parts;

        void Literal(int until)
        {
            if (until > from)
            {
                parts.Add(literal(from, until));
            }
        }
    }
}
