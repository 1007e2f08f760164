using ScoreTracking.Components;
using ScoreTracking.EventLog;

namespace ScoreTracking.Messages;

/// <summary>A step of a mail on its way to the mailbox. The same step several times in a row is one.</summary>
/// <param name="Name">prepared, processed, sent, deferred, delivered, dropped or bounced; uncertain where nobody knows whether it was handed over.</param>
/// <param name="Note">hard, soft or block where it bounced; null otherwise.</param>
/// <param name="Reason">The last reporter's words; null without any.</param>
public sealed record DeliveryStep(string Name, DateTimeOffset FirstAt, DateTimeOffset LastAt, int Times, string? Note, string? Reason)
{
    internal const string Uncertain = "uncertain";

    public string Title => Name switch
    {
        "deferred" when Times > 1 => $"Deferred {Numerals.Count(Times)} times",
        Uncertain => "Handed over, without an answer",
        "bounced" => Note is null ? "Bounced" : $"Bounced, {Note}",
        _ => ActivityWords.Title(Name),
    };

    public Tone Tone => Name switch
    {
        "delivered" => Tone.Good,
        "bounced" => Tone.Bad,
        "dropped" or "deferred" or Uncertain => Tone.Warning,
        _ => Tone.Neutral,
    };
}

/// <summary>The way of one message to the mailbox, read from its events.</summary>
internal static class DeliveryLog
{
    private static readonly HashSet<string> s_steps = new(["processed", "sent", "deferred", "delivered", "dropped", "bounced"], StringComparer.Ordinal);

    /// <param name="events">Of one message, newest arrival first as the log gives them.</param>
    /// <param name="standing">How it stands where this server sends it and it has not left well; what is uncertain is in no event.</param>
    public static IReadOnlyList<DeliveryStep> Steps(DateTimeOffset preparedAt, IReadOnlyList<LoggedEvent> events, MessageDelivery? standing)
    {
        var steps = new List<DeliveryStep> { new("prepared", preparedAt, preparedAt, 1, null, null) };
        foreach (var logged in events.Reverse().Where(logged => s_steps.Contains(logged.EventType)).OrderBy(logged => logged.OccurredAt))
        {
            var note = ActivityWords.Text(logged, "bounce_type");
            var reason = ActivityWords.Text(logged, "reason");
            if (steps[^1] is var before && before.Name == logged.EventType && before.Note == note)
            {
                steps[^1] = before with { LastAt = logged.OccurredAt, Times = before.Times + 1, Reason = reason ?? before.Reason };
            }
            else
            {
                steps.Add(new DeliveryStep(logged.EventType, logged.OccurredAt, logged.OccurredAt, 1, note, reason));
            }
        }

        if (standing is { State: DeliveryStep.Uncertain, TriedAt: { } triedAt })
        {
            steps.Add(new DeliveryStep(DeliveryStep.Uncertain, triedAt, triedAt, 1, null, standing.Reason));
        }

        return steps;
    }

    /// <summary>Whether somebody reported how it ended.</summary>
    public static bool IsSettled(IReadOnlyList<DeliveryStep> steps) => steps.Any(step => step.Name is "delivered" or "bounced" or "dropped");
}
