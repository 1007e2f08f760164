using System.Text.Encodings.Web;
using System.Text.Json;

namespace ScoreTracking.Data;

/// <summary>What mail is about, as campaigns name it and people refuse it. Compared without case; stored as a JSON list.</summary>
public static class Topics
{
    /// <summary>Most topics of one campaign.</summary>
    public const int Max = 10;

    /// <summary>In characters.</summary>
    public const int MaxLength = 60;
    public const string None = "[]";

    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<string> Read(string stored) => stored == None ? [] : JsonSerializer.Deserialize<string[]>(stored) ?? [];

    public static string Write(IEnumerable<string> topics) => JsonSerializer.Serialize(topics, s_json);

    public static bool Contain(this IReadOnlyList<string> topics, string topic) => topics.Contains(topic, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether someone wants nothing of what a campaign is about. One that names no topic is about everything.</summary>
    public static bool AllRefused(IReadOnlyList<string> topics, IReadOnlyList<string> refused) => topics.Count > 0 && topics.All(refused.Contain);

    /// <summary>What someone refuses after choosing among the topics of one campaign; what else they refuse stays.</summary>
    public static IReadOnlyList<string> Choose(IReadOnlyList<string> refused, IReadOnlyList<string> offered, IReadOnlyList<string> wanted) =>
        [.. refused.Where(topic => !offered.Contain(topic)), .. offered.Where(topic => !wanted.Contain(topic))];
}
