using ScoreTracking.Components;

namespace ScoreTracking.Journeys.Screens;

/// <summary>How far a person is, in a word and its colour.</summary>
internal static class PersonWords
{
    /// <param name="status">As the API writes it.</param>
    public static (string Text, Tone Tone) Of(string status) => status switch
    {
        "active" => ("On the way", Tone.Active),
        "completed" => ("Completed", Tone.Good),
        "failed" => ("Failed", Tone.Bad),
        _ => ("Left early", Tone.Neutral),
    };
}
