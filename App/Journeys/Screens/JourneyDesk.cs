using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys.Screens;

/// <summary>What pages change of journeys.</summary>
public sealed class JourneyDesk(IDbContextFactory<ScoreDb> databases, LiveUpdates updates, TimeProvider time)
{
    public async Task<long> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var journey = new Journey { Name = name, Status = JourneyStatus.Draft, Definition = JourneyJson.Write(JourneyDefinition.Empty), CreatedAt = now, UpdatedAt = now };
        db.Journeys.Add(journey);
        await db.SaveChangesAsync(cancellationToken);
        updates.Signal([LiveTopic.Journeys]);
        return journey.Id;
    }

    /// <summary>Stores a draft as it is drawn, faults and all.</summary>
    /// <returns>False where there is no such journey, or it is over.</returns>
    public async Task<bool> StoreAsync(long id, JourneyDefinition draft, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var json = JourneyJson.Write(draft);
        var changed = await db.Journeys.Where(journey => journey.Id == id && journey.Status != JourneyStatus.Archived)
            .ExecuteUpdateAsync(set => set.SetProperty(journey => journey.Definition, json).SetProperty(journey => journey.UpdatedAt, time.GetUtcNow()), cancellationToken);
        updates.Signal([LiveTopic.Journey(id), LiveTopic.Journeys]);
        return changed > 0;
    }
}
