using System.Text.Json;

namespace ScoreTracking.Domains;

/// <summary>What one look at a domain found.</summary>
/// <param name="Check">spf, dkim, dmarc, mx, bounces or tracking.</param>
/// <param name="Verdict">One of <see cref="Verdicts"/>.</param>
/// <param name="Text">For people: what is there, and what to do about it.</param>
/// <param name="Name">The DNS name that was asked.</param>
/// <param name="Expected">The record to publish, where we know it to the letter.</param>
/// <param name="Found">What is published there, as DNS gave it.</param>
public sealed record Finding(string Check, string Verdict, string Text, string Name, string? Expected, IReadOnlyList<string> Found)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal string Store() => JsonSerializer.Serialize(this, Json);
}

/// <summary>How a finding is to be taken, as stored and as the API writes it.</summary>
public static class Verdicts
{
    public const string Good = "good";

    /// <summary>Works, and could be better.</summary>
    public const string Warning = "warning";

    /// <summary>Mail suffers from it.</summary>
    public const string Bad = "bad";

    /// <summary>DNS did not answer: nothing is known.</summary>
    public const string Unknown = "unknown";
}
