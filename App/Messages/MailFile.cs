namespace ScoreTracking.Messages;

/// <summary>A file that goes with a single mail.</summary>
public sealed record MailFile
{
    public string? FileName { get; init; }

    /// <summary>"application/pdf"; missing means plain bytes.</summary>
    public string? ContentType { get; init; }

    /// <summary>In base64.</summary>
    public string? Content { get; init; }
}
