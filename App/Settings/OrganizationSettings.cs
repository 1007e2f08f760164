using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Settings;

/// <summary>The organization as pages and reports need it.</summary>
public sealed record OrganizationProfile(string Name, TimeZoneInfo Zone);

/// <summary>Name and time zone of the organization: kept in memory, since every page shows times, and written through. A change wakes <see cref="LiveTopic.Settings"/>.</summary>
public sealed partial class OrganizationSettings(IDbContextFactory<ScoreDb> databases, LiveUpdates updates, ILogger<OrganizationSettings> logger)
{
    public const int MaxNameLength = 100;

    private OrganizationProfile? _current;

    public OrganizationProfile Current => _current ?? Load();

    /// <summary>What is wrong with a name, to stand behind its field's; null if nothing is.</summary>
    public static string? NameError(string name) =>
        name.Length is 0 or > MaxNameLength ? $"must have 1 to {MaxNameLength} characters" : name.Any(char.IsControl) ? "must be one line" : null;

    /// <summary>Changes what is not null. The caller has checked both.</summary>
    public async Task<OrganizationProfile> ChangeAsync(string? name, TimeZoneInfo? zone, CancellationToken cancellationToken)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (name is not null || zone is not null)
            {
                await db.Organization.ExecuteUpdateAsync(set =>
                {
                    if (name is not null)
                    {
                        set.SetProperty(organization => organization.Name, name);
                    }

                    if (zone is not null)
                    {
                        set.SetProperty(organization => organization.TimeZone, zone.Id);
                    }
                }, cancellationToken);
            }
        }

        // Read again instead of put together, because two changes at once must end in what is stored.
        var changed = Load();
        updates.Signal(LiveTopic.Settings);
        return changed;
    }

    private OrganizationProfile Load()
    {
        using var db = databases.CreateDbContext();
        var stored = db.Organization.Single();
        if (!TimeZones.TryFind(stored.TimeZone, out var zone))
        {
            LogUnknownZone(stored.TimeZone);
            zone = TimeZoneInfo.Utc;
        }

        var read = new OrganizationProfile(stored.Name, zone);

        // Before there is a user, the first-run page may still write both past this class.
        _current = db.Users.Any() ? read : null;
        return read;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The organization's time zone {TimeZone} is not known on this machine; times are shown in UTC. Install its time zone data or change the zone in Settings.")]
    private partial void LogUnknownZone(string timeZone);
}
