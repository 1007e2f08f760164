namespace ScoreTracking.Components;

/// <summary>How something stands, told by colour beside words, never by colour alone.</summary>
public enum Tone
{
    Neutral,

    /// <summary>Going on right now.</summary>
    Active,
    Good,
    Warning,
    Bad,
}
