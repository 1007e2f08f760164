using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Segments;

/// <summary>What became of a change to a segment.</summary>
/// <param name="Id">0 where nothing was done.</param>
/// <param name="Errors">What is wrong, by the path of the field.</param>
/// <param name="Conflict">Why the state forbids it, as a sentence; null where it does not.</param>
internal sealed record SegmentOutcome(long Id, Dictionary<string, string[]> Errors, string? Conflict = null);

/// <summary>Makes, changes and removes segments.</summary>
internal sealed class SegmentEdits(IDbContextFactory<ScoreDb> databases, LiveUpdates live, TimeProvider time)
{
    public const int MaxName = 200;

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? NameError(string? name) => name switch
    {
        null => "required",
        _ when string.IsNullOrWhiteSpace(name) => "required",
        { Length: > MaxName } => $"longer than {MaxName} characters",
        _ when name.Any(char.IsControl) => "control characters are not allowed",
        _ => null,
    };

    /// <param name="id">0 for a new one.</param>
    /// <param name="rule">JSON, perhaps not complete.</param>
    public async Task<SegmentOutcome> SaveAsync(long id, string name, string rule, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var faults = new List<RuleFault>();
        var read = SegmentDraft.Read(rule, faults);
        if (read is not null)
        {
            await SegmentReferences.CheckAsync(db, read, "rule", faults, cancellationToken);
        }

        var errors = faults.GroupBy(fault => fault.Path).ToDictionary(same => same.Key, same => same.Select(fault => fault.Error).ToArray());
        if (NameError(name.Trim()) is { } wrong)
        {
            errors["name"] = [wrong];
        }

        if (errors.Count > 0)
        {
            return new SegmentOutcome(0, errors);
        }

        var now = time.GetUtcNow();
        var segment = id == 0 ? new Segment { Name = "", Rule = "", CreatedAt = now } : await db.Segments.AsTracking().FirstOrDefaultAsync(known => known.Id == id, cancellationToken);
        if (segment is null)
        {
            return new SegmentOutcome(0, []);
        }

        (segment.Name, segment.Rule, segment.UpdatedAt) = (name.Trim(), SegmentRuleJson.Write(read!), now);
        if (id == 0)
        {
            db.Segments.Add(segment);
        }

        await db.SaveChangesAsync(cancellationToken);
        live.Signal(LiveTopic.Segments);
        return new SegmentOutcome(segment.Id, []);
    }

    /// <summary>Refused while a published or paused journey goes by it, or people are on one that does.</summary>
    public async Task<SegmentOutcome> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var uses = (await AudienceUses.RunAsync(db, PublicId.Segment(id), cancellationToken)).Where(use => use.IsPublished).ToList();
        if (uses.Count > 0)
        {
            return new SegmentOutcome(0, [], $"The segment is used by the journey “{uses[0].Name}”.");
        }

        var removed = await db.Segments.Where(segment => segment.Id == id).ExecuteDeleteAsync(cancellationToken) > 0;
        live.Signal(LiveTopic.Segments);
        return new SegmentOutcome(removed ? id : 0, []);
    }
}
