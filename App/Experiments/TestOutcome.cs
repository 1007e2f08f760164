using System.Text.Json;

namespace ScoreTracking.Experiments;

/// <summary>How a test ended, as the campaign keeps it.</summary>
/// <param name="VariantId">Null where nobody won: then a person is asked.</param>
/// <param name="By"><see cref="Rule"/> or <see cref="Person"/>.</param>
/// <param name="Reason">For people.</param>
/// <param name="Metric">What it was judged by.</param>
/// <param name="Counts">By variant, as it ended: what the rest does afterwards is no part of the test. Null where nobody was held back.</param>
internal sealed record TestOutcome(string? VariantId, string By, string Reason, DateTimeOffset At, string Metric, IReadOnlyList<VariantResult>? Counts)
{
    public const string Rule = "rule";
    public const string Person = "person";

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="stored">As the campaign keeps it; empty gives null.</param>
    public static TestOutcome? Read(string stored) => stored.Length == 0 ? null : JsonSerializer.Deserialize<TestOutcome>(stored, s_json);

    public string Write() => JsonSerializer.Serialize(this, s_json);
}

/// <summary>What a variant came to.</summary>
/// <param name="Tried">Messages that left, or were refused as they were handed over.</param>
/// <param name="Arrived">Sent and not bounced.</param>
/// <param name="Opened">Confirmed opens.</param>
/// <param name="Clicked">By people.</param>
internal sealed record VariantResult(long Tried, long Arrived, long Opened, long Clicked);
