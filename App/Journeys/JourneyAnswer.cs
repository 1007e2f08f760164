using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>A journey as the API shows it: its draft, and how it runs.</summary>
/// <param name="Status">draft, published, paused or archived.</param>
/// <param name="Version">The version people begin on; 0 before the first.</param>
/// <param name="IsChanged">Whether the draft differs from that version: it has no effect before it is published.</param>
/// <param name="Again">never or after_end.</param>
/// <param name="Faults">What keeps the draft from being published; left out in lists.</param>
/// <param name="People">Of all versions.</param>
public sealed record JourneyAnswer(
    string Id,
    string Name,
    string Status,
    int Version,
    bool IsChanged,
    JsonNode? Trigger,
    JsonNode? Steps,
    JsonNode? Exit,
    string Again,
    IReadOnlyList<JourneyFault>? Faults,
    JourneyPeople People,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    internal static JourneyAnswer Of(Journey journey, string? published, IReadOnlyList<JourneyFault>? faults, JourneyPeople people)
    {
        var definition = JsonNode.Parse(journey.Definition, documentOptions: new() { MaxDepth = 256 })!.AsObject();
        JsonNode? Take(string name)
        {
            definition.Remove(name, out var node);
            return node;
        }

        return new JourneyAnswer(
            PublicId.Journey(journey.Id), journey.Name, journey.Status, journey.Version, published is not null && published != journey.Definition,
            Take("trigger"), Take("steps"), Take("exit"), (string?)Take("again") ?? "never", faults, people, journey.CreatedAt, journey.UpdatedAt);
    }
}

/// <summary>How many people are where.</summary>
/// <param name="Active">On the way.</param>
/// <param name="Exited">Left before the end.</param>
/// <param name="Failed">Stand on a step that could not be done.</param>
public sealed record JourneyPeople(long Entered, long Active, long Completed, long Exited, long Failed);

/// <summary>A person's way as lists show it.</summary>
/// <param name="Status">active, completed, exited or failed.</param>
/// <param name="StepId">Where they stand, or ended.</param>
/// <param name="DueAt">When the clock looks at them; null where only an event moves them.</param>
/// <param name="EndedBecause">Why they left, or what failed; null otherwise.</param>
public sealed record EnrollmentRowAnswer(
    string Id,
    string JourneyId,
    int Version,
    string ContactId,
    string? CustomerId,
    string Email,
    string Status,
    string StepId,
    DateTimeOffset StepAt,
    DateTimeOffset? DueAt,
    DateTimeOffset EnteredAt,
    DateTimeOffset? EndedAt,
    string? EndedBecause);

/// <summary>A person's whole way.</summary>
public sealed record EnrollmentAnswer(
    string Id,
    string JourneyId,
    int Version,
    string ContactId,
    string? CustomerId,
    string Email,
    string Status,
    string StepId,
    DateTimeOffset StepAt,
    DateTimeOffset? DueAt,
    DateTimeOffset EnteredAt,
    DateTimeOffset? EndedAt,
    string? EndedBecause,
    IReadOnlyList<EnrollmentLogAnswer> Log);

/// <summary>A step done.</summary>
/// <param name="Outcome">The exit taken, or a word that says more.</param>
/// <param name="MessageId">The message a send step made or an event was waited for of; null for others.</param>
public sealed record EnrollmentLogAnswer(int Sequence, string StepId, DateTimeOffset At, string Outcome, string? MessageId, string? Detail);

/// <summary>Spelling of <see cref="EnrollmentStatus"/>.</summary>
public static class EnrollmentStatuses
{
    public static string Name(this EnrollmentStatus status) => status switch
    {
        EnrollmentStatus.Active => "active",
        EnrollmentStatus.Completed => "completed",
        EnrollmentStatus.Exited => "exited",
        EnrollmentStatus.Failed => "failed",
    };

    public static bool TryParse(string? name, out EnrollmentStatus status)
    {
        foreach (var known in Enum.GetValues<EnrollmentStatus>())
        {
            if (known.Name() == name)
            {
                status = known;
                return true;
            }
        }

        status = default;
        return false;
    }
}
