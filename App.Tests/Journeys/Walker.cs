using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Steps;
using ScoreTracking.Segments;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>A person by the plain meaning of the steps.</summary>
internal sealed class Walker(JourneyDefinition definition, long enrollment)
{
    /// <summary>What may happen to a message and be waited for.</summary>
    public static readonly EventType[] WaitedFor = [EventType.Opened, EventType.Clicked, EventType.Replied, EventType.Delivered, EventType.Bounced];

    private readonly HashSet<string> _fields = [];
    private DateTimeOffset _stepAt;
    private DateTimeOffset _madeAt;
    private long _message;

    public long Enrollment { get; } = enrollment;
    public List<string> Way { get; } = ["n0:sent"];
    public string Standing { get; private set; } = "n0";
    public EnrollmentStatus Status { get; private set; } = EnrollmentStatus.Active;
    public List<EmailEvent> Events { get; } = [];
    public bool IsOnList { get; private set; }
    public bool IsOver => Status != EnrollmentStatus.Active;

    public void Begin(long message, DateTimeOffset now)
    {
        (_message, _madeAt, _stepAt) = (message, now, now);
        Go(definition.Find("n0")!.Exits[0].Next, now);
        Walk(now);
    }

    // At different minutes each, so that nothing repeats anything.
    public void Imagine(Random random, DateTimeOffset began)
    {
        var minutes = Enumerable.Range(5, 2_500).ToArray();
        random.Shuffle(minutes);
        var kinds = new List<(EventType, string)>();

        // A bounce makes a machine of whoever opened before it: either is told of a message, not both.
        EventType[] mine = random.Next(3) == 0 ? [EventType.Bounced, EventType.Delivered, EventType.Replied] : [.. WaitedFor.Except([EventType.Bounced])];
        for (var i = random.Next(0, 6); i > 0; i--)
        {
            kinds.Add((mine[random.Next(mine.Length)], random.Next(4) == 0 ? Some.Scanner : Some.Firefox));
        }

        if (random.Next(2) == 0)
        {
            kinds.Add((EventType.Sent, ""));
        }

        if (random.Next(8) == 0)
        {
            kinds.Add((EventType.Unsubscribed, ""));
        }

        foreach (var ((type, agent), minute) in kinds.Zip(minutes))
        {
            Events.Add(Some.Event(_message, type, began + TimeSpan.FromMinutes(type == EventType.Sent ? minute % 60 : minute) - Some.Noon, userAgent: agent, ip: $"203.0.{_message % 250}.7",
                key: $"{_message} {minute}", bounce: type != EventType.Bounced ? BounceKind.None : minute % 2 == 0 ? BounceKind.Soft : BounceKind.Block));
        }
    }

    public void Walk(DateTimeOffset now)
    {
        while (!IsOver)
        {
            if (First(EventType.Unsubscribed, now) is not null || (definition.Exit.Goal is JourneyGoal.OfEvent goal && First(goal.Type, now) is not null))
            {
                Status = EnrollmentStatus.Exited;
                return;
            }

            if (Outcome(definition.Find(Standing)!, now) is not { } outcome)
            {
                return;
            }

            Way.Add($"{Standing}:{outcome}");
            Go(definition.Find(Standing)!.Exits.First(exit => exit.Key == outcome).Next, now);
        }
    }

    private void Go(string? next, DateTimeOffset now)
    {
        (Standing, Status, _stepAt) = (next ?? Standing, next is null ? EnrollmentStatus.Completed : EnrollmentStatus.Active, now);
    }

    private string? Outcome(JourneyStep step, DateTimeOffset now)
    {
        switch (step)
        {
            case DelayStep delay:
                return now >= _stepAt + delay.For ? "next" : null;
            case WaitForStep wait:
                var due = (First(EventType.Sent, now) ?? _madeAt) + wait.Timeout;
                return First(wait.Event, now) is { } happened && happened <= due ? "event" : now >= due ? "timeout" : null;
            case ConditionStep { Test: JourneyTest.OfRule { Rule: ListRule asked } }:
                return asked.In == IsOnList ? "yes" : "no";
            case ConditionStep { Test: JourneyTest.OfRule { Rule: FieldRule asked } }:
                return _fields.Contains(asked.Field) ? "yes" : "no";
            case AddToListStep or RemoveFromListStep:
                IsOnList = step is AddToListStep;
                return "next";
            case UpdateFieldStep update:
                _fields.Add($"attributes.{update.Field}");
                return "next";
            case ConditionStep { Test: JourneyTest.OfMessage test }:
                return First(test.Type, now) is not null ? "yes" : "no";
            case SplitStep split:
                return SplitAction.KeyFor(split, Enrollment);
            default:
                return "next";
        }
    }

    private DateTimeOffset? First(EventType type, DateTimeOffset now) => type == EventType.Bounced ? HeldBounce(now) : Events
        .Where(happened => happened.OccurredAt <= now && happened.UserAgent != Some.Scanner && (happened.Type == type || (type == EventType.Opened && happened.Type == EventType.Clicked)))
        .Select(happened => (DateTimeOffset?)happened.OccurredAt).Min();

    // The first since the last delivery.
    private DateTimeOffset? HeldBounce(DateTimeOffset now)
    {
        DateTimeOffset? held = null;
        foreach (var happened in Events.Where(happened => happened.OccurredAt <= now).OrderBy(happened => happened.OccurredAt))
        {
            held = happened.Type switch
            {
                EventType.Bounced => held ?? happened.OccurredAt,
                EventType.Delivered => null,
                _ => held,
            };
        }

        return held;
    }
}
