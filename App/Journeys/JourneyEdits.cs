using Microsoft.EntityFrameworkCore;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Journeys.Actions;
using ScoreTracking.Live;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>Makes, changes, publishes and ends journeys.</summary>
internal sealed class JourneyEdits(
    IDbContextFactory<ScoreDb> databases, JourneyInterest interest, JourneyRunner runner, JourneyRemoval removal, SegmentWatcher watcher, JourneyOpening opening, LiveUpdates live, TimeProvider clock)
    : IDisposable
{
    private const string What = "journey";

    // One change of state at a time: what is watched must agree with what is published.
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <param name="isFinished">Whether a definition with faults is refused; people may keep an unfinished draft.</param>
    public async Task<Outcome<JourneyAnswer>> CreateAsync(string? name, JourneyDefinition definition, bool isFinished, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (NameError(name) is { } error)
        {
            return new Refusal.Faults("name", error);
        }

        if (isFinished && await JourneyQueries.FaultsAsync(db, definition, cancellationToken) is { Count: > 0 } faults)
        {
            return new Refusal.Faults(JourneyFault.ToErrors(faults));
        }

        var now = clock.GetUtcNow();
        var journey = new Journey { Name = name!.Trim(), Status = JourneyStatus.Draft, Definition = JourneyJson.Write(definition), CreatedAt = now, UpdatedAt = now };
        db.Add(journey);
        await db.SaveChangesAsync(cancellationToken);
        live.Signal(LiveTopic.Journeys);
        return (await JourneyQueries.FindAsync(db, journey.Id, cancellationToken))!;
    }

    /// <summary>Changes the draft; whoever is on the way goes on by the version they began on.</summary>
    /// <param name="name">Null leaves it.</param>
    /// <param name="definition">Null leaves it.</param>
    /// <inheritdoc cref="CreateAsync"/>
    public async Task<Outcome<JourneyAnswer>> ChangeAsync(long id, string? name, JourneyDefinition? definition, bool isFinished, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Journeys.AsTracking().FirstOrDefaultAsync(journey => journey.Id == id, cancellationToken) is not { } journey)
        {
            return new Refusal.Missing(What);
        }

        if (journey.Status == JourneyStatus.Archived && definition is not null)
        {
            return new Refusal.State("The journey is archived.");
        }

        if (name is not null && NameError(name) is { } error)
        {
            return new Refusal.Faults("name", error);
        }

        if (isFinished && definition is not null && await JourneyQueries.FaultsAsync(db, definition, cancellationToken) is { Count: > 0 } faults)
        {
            return new Refusal.Faults(JourneyFault.ToErrors(faults));
        }

        journey.Name = name?.Trim() ?? journey.Name;
        journey.Definition = definition is null ? journey.Definition : JourneyJson.Write(definition);
        journey.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        return await ChangedAsync(db, id, cancellationToken);
    }

    /// <summary>Takes away a journey nobody ever began, or one that is archived. It is gone at once; everything known of people's ways follows in pieces.</summary>
    public async Task<Refusal?> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Journeys.FirstOrDefaultAsync(journey => journey.Id == id, cancellationToken) is not { } journey)
        {
            return new Refusal.Missing(What);
        }

        if (journey.Status != JourneyStatus.Draft && (journey.Status != JourneyStatus.Archived || await db.Enrollments.AnyAsync(e => e.JourneyId == id && e.Status == EnrollmentStatus.Active, cancellationToken)))
        {
            return new Refusal.State("Archive the journey first: people may be on their way.");
        }

        // Only as it was looked at: somebody may have published the draft since.
        if (await db.Journeys.Where(gone => gone.Id == id && gone.Status == journey.Status).ExecuteUpdateAsync(set => set.SetProperty(gone => gone.Status, JourneyStatus.Removed), cancellationToken) == 0)
        {
            return new Refusal.State("The journey was changed in the meantime: look again.");
        }

        removal.Wake();
        live.Signal([LiveTopic.Journey(id), LiveTopic.Journeys]);
        return null;
    }

    /// <summary>Publishes the draft: who begins from now on begins on it. A paused journey goes on with it.</summary>
    public Task<Outcome<JourneyAnswer>> PublishAsync(long id, CancellationToken cancellationToken) => ChangeStateAsync(id, async (db, journey) =>
    {
        if (journey.Status == JourneyStatus.Archived)
        {
            return new Refusal.State("The journey is archived.");
        }

        var definition = JourneyJson.Read(journey.Definition);
        if (await JourneyQueries.FaultsAsync(db, definition, cancellationToken) is { Count: > 0 } faults)
        {
            return new Refusal.Faults(JourneyFault.ToErrors(faults));
        }

        if (await opening.OpenAsync(definition, cancellationToken) is { Count: > 0 } closed)
        {
            return new Refusal.Faults(JourneyFault.ToErrors(closed));
        }

        var before = await JourneyQueries.VersionAsync(db, id, journey.Version, cancellationToken);
        var isNew = before?.Trigger != definition.Trigger;
        if (isNew || journey.Status != JourneyStatus.Published)
        {
            await SetOutAsync(db, id, definition.Trigger, isNew, cancellationToken);
        }

        if (before is null || JourneyJson.Write(before) != journey.Definition)
        {
            journey.Version++;
            db.Add(new JourneyVersion { JourneyId = id, Version = journey.Version, Definition = journey.Definition, PublishedAt = clock.GetUtcNow() });
        }

        journey.Status = JourneyStatus.Published;
        return null;
    }, cancellationToken);

    /// <summary>Nobody begins and nobody moves until it is resumed.</summary>
    public Task<Outcome<JourneyAnswer>> PauseAsync(long id, CancellationToken cancellationToken) => ChangeStateAsync(id, (_, journey) =>
    {
        if (journey.Status != JourneyStatus.Published)
        {
            return Task.FromResult<Refusal?>(new Refusal.State($"The journey is {journey.Status}: only a published one can be paused."));
        }

        journey.Status = JourneyStatus.Paused;
        return Task.FromResult<Refusal?>(null);
    }, cancellationToken);

    /// <summary>Goes on. Whoever had a reason to begin meanwhile does not begin.</summary>
    public Task<Outcome<JourneyAnswer>> ResumeAsync(long id, CancellationToken cancellationToken) => ChangeStateAsync(id, async (db, journey) =>
    {
        if (journey.Status != JourneyStatus.Paused)
        {
            return new Refusal.State($"The journey is {journey.Status}: only a paused one can be resumed.");
        }

        await SetOutAsync(db, id, (await JourneyQueries.VersionAsync(db, id, journey.Version, cancellationToken))!.Trigger, isNew: false, cancellationToken);
        journey.Status = JourneyStatus.Published;
        return null;
    }, cancellationToken);

    /// <summary>Ends it for good: whoever is on the way leaves.</summary>
    public Task<Outcome<JourneyAnswer>> ArchiveAsync(long id, CancellationToken cancellationToken) => ChangeStateAsync(id, (_, journey) =>
    {
        if (journey.Status == JourneyStatus.Archived)
        {
            return Task.FromResult<Refusal?>(new Refusal.State("The journey is archived already."));
        }

        journey.Status = JourneyStatus.Archived;
        return Task.FromResult<Refusal?>(null);
    }, cancellationToken);

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<Outcome<JourneyAnswer>> ChangeStateAsync(long id, Func<ScoreDb, Journey, Task<Refusal?>> change, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.Journeys.AsTracking().FirstOrDefaultAsync(journey => journey.Id == id, cancellationToken) is not { } journey)
            {
                return new Refusal.Missing(What);
            }

            if (await change(db, journey) is { } refused)
            {
                return refused;
            }

            await CommitAsync(db, journey, cancellationToken);

            // Before the answer: what happens from here on is followed.
            interest.Read();
            runner.Wake();
            if (journey.Status == JourneyStatus.Archived)
            {
                await opening.CloseAsync(id, cancellationToken);
                await watcher.SetOutAsync(id, rule: null, cancellationToken);
            }

            return await ChangedAsync(db, id, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    // The state, and what is watched for it.
    private async Task CommitAsync(ScoreDb db, Journey journey, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var version = db.JourneyVersions.Local.FirstOrDefault()?.Definition
            ?? await db.JourneyVersions.Where(v => v.JourneyId == journey.Id && v.Version == journey.Version).Select(v => v.Definition).FirstOrDefaultAsync(cancellationToken);
        var trigger = version is null ? null : JourneyJson.Read(version).Trigger;
        await db.Database.ExecuteSqlAsync($"DELETE FROM journey_lists WHERE journey_id = {journey.Id}", cancellationToken);
        await db.Database.ExecuteSqlAsync($"DELETE FROM journey_segments WHERE journey_id = {journey.Id}", cancellationToken);
        if (journey.Status != JourneyStatus.Published)
        {
            await db.Database.ExecuteSqlAsync($"DELETE FROM journey_arrivals WHERE journey_id = {journey.Id}", cancellationToken);
        }
        else if (trigger is JourneyTrigger.ListJoined list)
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO journey_lists (list_id, journey_id) VALUES ({list.ListId}, {journey.Id})", cancellationToken);
        }
        else if (trigger is JourneyTrigger.SegmentJoined segment)
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO journey_segments (journey_id, segment_id) VALUES ({journey.Id}, {segment.SegmentId})", cancellationToken);
        }

        journey.UpdatedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // Who is in the segment already does not begin, unless the journey is to take them, once.
    private async Task SetOutAsync(ScoreDb db, long id, JourneyTrigger trigger, bool isNew, CancellationToken cancellationToken)
    {
        var joined = trigger as JourneyTrigger.SegmentJoined;
        var rule = joined is null || (joined.Existing && isNew) ? null
            : await db.Segments.Where(segment => segment.Id == joined.SegmentId).Select(segment => segment.Rule).FirstOrDefaultAsync(cancellationToken);
        await watcher.SetOutAsync(id, rule is null ? null : SegmentRuleJson.Stored(rule), cancellationToken);
    }

    private async Task<JourneyAnswer> ChangedAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        live.Signal([LiveTopic.Journey(id), LiveTopic.Journeys]);
        return (await JourneyQueries.FindAsync(db, id, cancellationToken))!;
    }

    private static string? NameError(string? name) => string.IsNullOrWhiteSpace(name) ? "required"
        : name.Trim().Length > JourneyRules.MaxName || name.Any(char.IsControl) ? $"must be one line of at most {JourneyRules.MaxName} characters" : null;
}
