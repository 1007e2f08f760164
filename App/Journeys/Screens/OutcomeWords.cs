using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Journeys.Screens;

/// <summary>What came of a step, and why people left, as people read it.</summary>
public static class OutcomeWords
{
    /// <param name="step">Null where it is gone.</param>
    public static string Of(JourneyStep? step, string outcome) => outcome switch
    {
        JourneyStep.Next => step is SendStep ? "Sent" : "Done",
        _ when step is not null && step.Exits.Any(exit => exit.Key == outcome) => StepWords.Exit(step, outcome),
        WaitUntilStep.Missing => "Has no such date",
        WaitUntilStep.Past => "The date had passed",
        _ => Sentence(outcome),
    };

    /// <summary>Why somebody ended before the end: a reason of suppressions, or one of journeys.</summary>
    public static string Because(string because) => because switch
    {
        JourneyMoves.Goal => "Reached the goal",
        JourneyMoves.Deleted => "The contact was deleted",
        JourneyMoves.Archived => "The journey was archived",
        JourneyMoves.ByHand => "Taken off by hand",
        "unsubscribed" => "Unsubscribed",
        "manual" => "Suppressed by hand",
        "import" => "Suppressed by an import",
        "hard_bounce" => "Mail bounced for good",
        "soft_bounce" => "Mail bounced too often",
        "complaint" => "Complained",
        _ => Sentence(because),
    };

    // "already_sent" → "Already sent".
    private static string Sentence(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..].Replace('_', ' ');
}
