using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Settings;

/// <summary>What the organization says of hits that are nobody's: its own networks, and whether mail carries a link only machines find. Kept in memory, since every hit asks, and written through. A change wakes <see cref="LiveTopic.Settings"/>.</summary>
public sealed class Filtering(IDbContextFactory<ScoreDb> databases, LiveUpdates updates)
{
    private Choice? _current;

    /// <summary>Hits from these are the organization's own, from the moment they are set.</summary>
    public IgnoredNetworks Ignored => (_current ?? Load()).Ignored;

    /// <summary>Whether campaigns that start from now on carry a link no reader sees.</summary>
    public bool Honeypot => (_current ?? Load()).Honeypot;

    /// <summary>Changes what is not null.</summary>
    public async Task ChangeAsync(IgnoredNetworks? ignored, bool? honeypot, CancellationToken cancellationToken)
    {
        if (ignored is null && honeypot is null)
        {
            return;
        }

        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Organization.ExecuteUpdateAsync(set =>
            {
                if (ignored is not null)
                {
                    set.SetProperty(organization => organization.IgnoredNetworks, string.Join('\n', ignored.Texts));
                }

                if (honeypot is { } chosen)
                {
                    set.SetProperty(organization => organization.Honeypot, chosen);
                }
            }, cancellationToken);
        }

        // Read again instead of put together, because two changes at once must end in what is stored.
        Load();
        updates.Signal(LiveTopic.Settings);
    }

    private Choice Load()
    {
        using var db = databases.CreateDbContext();
        var stored = db.Organization.Select(organization => new { organization.IgnoredNetworks, organization.Honeypot }).Single();
        return _current = new Choice(IgnoredNetworks.TryRead(stored.IgnoredNetworks.Split('\n'), out _) ?? IgnoredNetworks.None, stored.Honeypot);
    }

    private sealed record Choice(IgnoredNetworks Ignored, bool Honeypot);
}
