namespace ScoreTracking.Tracking;

/// <summary>Where a link of the HTML leads, behind its words in the plain text.</summary>
/// <param name="position">Of the tracked link; 0 where it is not tracked.</param>
/// <param name="address">As written.</param>
internal sealed class PlainLinkPart(int position, IReadOnlyList<MailPart> address) : MailPart
{
    /// <summary>Its words are the address itself: it is not told twice.</summary>
    public bool SaysAddress { get; set; }

    /// <summary>It has no words, so it needs no parentheses.</summary>
    public bool IsBare { get; set; }

    /// <summary>Another link leads there and says so.</summary>
    public bool IsSilent { get; set; }

    public override void Write(CharBuffer output, MailValues values)
    {
        var tracked = position > 0 ? values.ClickUrl : null;
        if (IsSilent || (SaysAddress && tracked is null))
        {
            return;
        }

        var before = output.Length;

        // Words that end in a block of their own still have their address on their line.
        if (!IsBare)
        {
            output.Append(PlainTextMark.Join);
            output.Append('(');
        }

        var start = output.Length;
        if (tracked is null)
        {
            WriteAll(address, output, values);
        }
        else
        {
            output.Append(tracked(position));
        }

        if (output.Length == start)
        {
            // Nothing but fields without a value.
            output.Cut(before);
        }
        else if (!IsBare)
        {
            output.Append(')');
            output.Append(PlainTextMark.Joined);
        }
    }
}
