namespace ScoreTracking.Reports;

/// <summary>Who looks at a report; sections get it as a cascading value.</summary>
public enum ReportAudience
{
    /// <summary>People who sign in here. The page is live, and buttons work.</summary>
    Team,

    /// <summary>Whoever has a share link: figures only, nothing about a person, and a page without a connection, where only links lead on.</summary>
    Public,
}
