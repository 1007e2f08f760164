using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Settings;

/// <summary>How far the organization tracks at all.</summary>
public enum TrackingMode
{
    /// <summary>Opens and clicks belong to the person who made them.</summary>
    Individual,

    /// <summary>Opens and clicks are counted for the campaign, and whose they were is not kept.</summary>
    Aggregate,

    /// <summary>Mail carries no pixel and no tracked links, and hits on mail already sent are not stored.</summary>
    Off,
}

/// <summary>The modes as stored and as the API writes them.</summary>
public static class TrackingModes
{
    public static string Name(this TrackingMode mode) => mode switch
    {
        TrackingMode.Individual => "individual",
        TrackingMode.Aggregate => "aggregate",
        TrackingMode.Off => "off",
    };

    public static bool TryParse(string? name, out TrackingMode mode)
    {
        foreach (var known in Enum.GetValues<TrackingMode>())
        {
            if (Name(known) == name)
            {
                mode = known;
                return true;
            }
        }

        mode = default;
        return false;
    }

    /// <summary>What someone who never answered counts as: granted or denied.</summary>
    public static string UnknownName(bool tracksUnknown) => tracksUnknown ? "granted" : "denied";
}

/// <summary>What may be kept of one person's opens and clicks.</summary>
public enum TrackingLevel
{
    /// <summary>Nothing: their mail carries neither pixel nor tracked links.</summary>
    None,

    /// <summary>That there was one, but not whose.</summary>
    Nameless,
    Individual,
}

/// <param name="TracksUnknown">Whether someone who never answered counts as having agreed.</param>
public sealed record TrackingRules(TrackingMode Mode, bool TracksUnknown)
{
    public TrackingLevel For(TrackingConsent consent) => (Mode, consent) switch
    {
        (TrackingMode.Off, _) or (_, TrackingConsent.Denied) => TrackingLevel.None,
        (_, TrackingConsent.Unknown) when !TracksUnknown => TrackingLevel.None,
        (TrackingMode.Aggregate, _) => TrackingLevel.Nameless,
        _ => TrackingLevel.Individual,
    };
}

/// <summary>Who is tracked: the one place that decides it, asked when mail is instrumented and again when an open or click is stored, since a withdrawal also holds for mail already sent. Kept in memory and written through. A change wakes <see cref="LiveTopic.Settings"/>.</summary>
public sealed class TrackingPolicy(IDbContextFactory<ScoreDb> databases, LiveUpdates updates)
{
    private TrackingRules? _current;

    public TrackingRules Current => _current ?? Load();

    public TrackingLevel For(TrackingConsent consent) => Current.For(consent);

    /// <summary>Changes what is not null. Holds for every copy made and every hit stored from now on.</summary>
    public async Task<TrackingRules> ChangeAsync(TrackingMode? mode, bool? tracksUnknown, CancellationToken cancellationToken)
    {
        if (mode is null && tracksUnknown is null)
        {
            return Current;
        }

        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Organization.ExecuteUpdateAsync(set =>
            {
                if (mode is { } chosen)
                {
                    set.SetProperty(organization => organization.TrackingMode, chosen.Name());
                }

                if (tracksUnknown is { } tracks)
                {
                    set.SetProperty(organization => organization.UnknownConsent, TrackingModes.UnknownName(tracks));
                }
            }, cancellationToken);
        }

        // Read again instead of put together, because two changes at once must end in what is stored.
        var changed = Load();
        updates.Signal(LiveTopic.Settings);
        return changed;
    }

    private TrackingRules Load()
    {
        using var db = databases.CreateDbContext();
        var stored = db.Organization.Select(organization => new { organization.TrackingMode, organization.UnknownConsent }).Single();

        // A word this release does not know: nobody is tracked by mistake.
        return _current = new TrackingRules(TrackingModes.TryParse(stored.TrackingMode, out var mode) ? mode : TrackingMode.Off, stored.UnknownConsent == TrackingModes.UnknownName(true));
    }
}
