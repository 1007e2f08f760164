namespace ScoreTracking.Tracking;

/// <summary>What stands between the words of a plain text until its lines are laid out: control characters, which no HTML can bring.</summary>
internal static class PlainTextMark
{
    /// <summary>What follows begins a line.</summary>
    public const char Line = '\u0001';

    /// <summary>What follows stands behind an empty line.</summary>
    public const char Paragraph = '\u0002';

    /// <summary>Until <see cref="End"/>: a list whose items begin with a dash.</summary>
    public const char Bullets = '\u0003';

    /// <summary>Until <see cref="End"/>: a list whose items are numbered.</summary>
    public const char Numbers = '\u0004';

    /// <summary>Until <see cref="End"/>: quoted.</summary>
    public const char Quote = '\u0005';

    public const char End = '\u0006';

    /// <summary>The list's next item begins.</summary>
    public const char Item = '\u0007';

    /// <summary>A space that is kept, and at which no line is broken.</summary>
    public const char Fixed = '\u000E';

    /// <summary>Until <see cref="Joined"/>: belongs to the line before, even where that has ended.</summary>
    public const char Join = '\u000F';

    public const char Joined = '\u0010';

    /// <summary>Until <see cref="LaidOutEnd"/>: lines as they will be.</summary>
    public const char LaidOut = '\u0011';

    public const char LaidOutEnd = '\u0012';
}
