using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>What happens to people step by step, once something begins it.</summary>
public sealed class Journey
{
    public long Id { get; set; }
    public required string Name { get; set; }

    /// <summary>One of <see cref="JourneyStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>As it is edited, as JSON: trigger, steps and exits; published copies are in <see cref="JourneyVersion"/>.</summary>
    public required string Definition { get; set; }

    /// <summary>The latest published version; 0 before the first.</summary>
    public int Version { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>What its webhook steps are signed with and what that replaced: JSON, encrypted with Data Protection; "" until there is one.</summary>
    public string Secrets { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<Journey>
    {
        public void Configure(EntityTypeBuilder<Journey> journey)
        {
            journey.ToTable("journeys");

            // Out of sight for everybody but the one who deletes what is left of it.
            journey.HasQueryFilter(j => j.Status != JourneyStatus.Removed);
        }
    }
}

/// <summary>Where a journey stands.</summary>
public static class JourneyStatus
{
    public const string Draft = "draft";
    public const string Published = "published";

    /// <summary>Nobody begins and nobody moves.</summary>
    public const string Paused = "paused";

    /// <summary>For good: whoever was on the way has left.</summary>
    public const string Archived = "archived";

    /// <summary>Deleted: what is kept of people's ways follows in pieces.</summary>
    public const string Removed = "removed";
}

/// <summary>A journey as it was published: never changed again.</summary>
public sealed class JourneyVersion
{
    public long JourneyId { get; set; }
    public int Version { get; set; }
    public required string Definition { get; set; }
    public DateTimeOffset PublishedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JourneyVersion>
    {
        public void Configure(EntityTypeBuilder<JourneyVersion> version)
        {
            version.ToTable("journey_versions");
            version.HasKey(v => new { v.JourneyId, v.Version });
        }
    }
}

/// <summary>How far a person is on a journey. The numbers are stored.</summary>
public enum EnrollmentStatus
{
    /// <summary>On the way, and the next thing is a matter of time or of an event.</summary>
    Active = 1,

    /// <summary>Came to an end of the journey.</summary>
    Completed = 2,

    /// <summary>Left before: unsubscribed, suppressed, erased, the goal reached, the journey archived.</summary>
    Exited = 3,

    /// <summary>A step could not be done; somebody may try it again.</summary>
    Failed = 4,
}

/// <summary>A person's way through one version of a journey.</summary>
public sealed class Enrollment
{
    public long Id { get; set; }
    public long JourneyId { get; set; }
    public int Version { get; set; }
    public long ContactId { get; set; }

    /// <summary>What enrolled them, unique within the journey: the same trigger twice begins once.</summary>
    public required string TriggerKey { get; set; }
    public EnrollmentStatus Status { get; set; }

    /// <summary>The id of the step they stand on, or ended on.</summary>
    public required string Step { get; set; }

    /// <summary>When they came to the step.</summary>
    public DateTimeOffset StepAt { get; set; }

    /// <summary>Steps done so far: what a step does carries it, so that it is done once.</summary>
    public int Sequence { get; set; }

    /// <summary>Unix milliseconds when the clock looks at them; 0 where only an event moves them.</summary>
    public long DueAt { get; set; }

    /// <summary>The message an event is waited for of; 0 where none is.</summary>
    public long WaitsFor { get; set; }
    public DateTimeOffset EnteredAt { get; set; }

    /// <summary>Unix milliseconds, 0 while on the way.</summary>
    public long EndedAt { get; set; }
    public string EndedBecause { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<Enrollment>
    {
        public void Configure(EntityTypeBuilder<Enrollment> enrollment) => enrollment.ToTable("enrollments");
    }
}

/// <summary>What one step did for one person.</summary>
public sealed class EnrollmentStep
{
    public long EnrollmentId { get; set; }
    public int Sequence { get; set; }
    public required string Step { get; set; }
    public DateTimeOffset At { get; set; }

    /// <summary>The exit taken: "next", "event", "timeout", "yes", "no", a branch's key, or how it ended.</summary>
    public required string Outcome { get; set; }

    /// <summary>The message a send step made; 0 for others.</summary>
    public long MessageId { get; set; }

    /// <summary>More in words; "" where there is nothing to say.</summary>
    public string Detail { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<EnrollmentStep>
    {
        public void Configure(EntityTypeBuilder<EnrollmentStep> step)
        {
            step.ToTable("enrollment_steps");
            step.HasKey(s => new { s.EnrollmentId, s.Sequence });
        }
    }
}

/// <summary>How many people left a step by one of its exits.</summary>
public sealed class JourneyCount
{
    public long JourneyId { get; set; }
    public int Version { get; set; }
    public required string Step { get; set; }
    public required string Outcome { get; set; }
    public long People { get; set; }

    /// <summary>What the counts add up to from people's ways: (journey_id, version, step, outcome, people). Step "" is the journey as a whole.</summary>
    /// <param name="where">Of enrollments, called e: about whom.</param>
    internal static string FromWays(string where) => $"""
        SELECT journey_id, version, step, outcome, count(*) AS people FROM (
            SELECT e.journey_id, e.version, '' AS step, 'entered' AS outcome FROM enrollments e WHERE {where}
            UNION ALL SELECT e.journey_id, e.version, '', CASE e.status WHEN 2 THEN 'completed' ELSE 'exited' END FROM enrollments e WHERE e.status IN (2, 3) AND {where}
            UNION ALL SELECT e.journey_id, e.version, e.step, 'exited' FROM enrollments e WHERE e.status = 3 AND {where}
            UNION ALL SELECT e.journey_id, e.version, s.step, s.outcome FROM enrollments e CROSS JOIN enrollment_steps s ON s.enrollment_id = e.id WHERE {where}
        ) GROUP BY journey_id, version, step, outcome
        """;

    internal sealed class Configuration : IEntityTypeConfiguration<JourneyCount>
    {
        public void Configure(EntityTypeBuilder<JourneyCount> count)
        {
            count.ToTable("journey_counts");
            count.HasKey(c => new { c.JourneyId, c.Version, c.Step, c.Outcome });
        }
    }
}

/// <summary>A contact that was in the segment a journey begins with when it was last looked at.</summary>
public sealed class SegmentWatch
{
    public long JourneyId { get; set; }
    public long ContactId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SegmentWatch>
    {
        public void Configure(EntityTypeBuilder<SegmentWatch> watch)
        {
            watch.ToTable("segment_watch");
            watch.HasKey(w => new { w.JourneyId, w.ContactId });
        }
    }
}
