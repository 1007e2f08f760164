using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>How fine places are told apart.</summary>
public enum PlaceLevel
{
    Country,
    City,
}

/// <summary>Where people opened or clicked.</summary>
/// <param name="Code">ISO 3166 alpha-2 of the country; <see cref="GeographyQuery.Unknown"/> or <see cref="GeographyQuery.Proxied"/>.</param>
/// <param name="Name">Of the country or of the city, in English.</param>
/// <param name="Region">Of a city, "" where there is none.</param>
/// <param name="Messages">Messages with at least one such hit from there; one opened in two places is in both.</param>
/// <param name="Share">Of the messages of all rows.</param>
public sealed record PlaceShare(string Code, string Name, string Region, long Messages, long Events, Ratio Share)
{
    /// <summary>A place, as opposed to not knowing it.</summary>
    internal bool IsKnown => Code is not (GeographyQuery.Unknown or GeographyQuery.Proxied);
}

/// <param name="Data">Most messages first, at most <see cref="HitShares.MaxRows"/>; what is not known stands last.</param>
/// <param name="Count">All rows.</param>
public sealed record GeographyReport(IReadOnlyList<PlaceShare> Data, long Count);

public static class GeographyQuery
{
    /// <summary>The code of hits from addresses no database could place.</summary>
    public const string Unknown = "unknown";

    /// <summary>The code of opens through an image proxy, which tell nothing of the reader's place.</summary>
    public const string Proxied = "proxied";

    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<GeographyReport> Live(long campaignId, PlaceLevel level, EventType type) => new(
        LiveTopic.Campaign(campaignId), ("places", level, type), (db, token) => RunAsync(db, campaignId, level, type, token));

    /// <param name="type">Opened or clicked.</param>
    public static async Task<GeographyReport> RunAsync(ScoreDb db, long campaignId, PlaceLevel level, EventType type, CancellationToken cancellationToken)
    {
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        var shares = await HitShares.RunAsync(db, campaignId, level == PlaceLevel.City ? Dimension.City : Dimension.Country, type, cancellationToken);
        var cities = level == PlaceLevel.City ? await CitiesAsync(db, shares.Rows, cancellationToken) : [];
        return new GeographyReport(
            [.. shares.Rows.Select(row => Row(row, level, cities, shares.Messages)).OrderByDescending(row => row.IsKnown).ThenBy(row => row.Code == Proxied)],
            shares.Count);
    }

    private static PlaceShare Row(HitShare row, PlaceLevel level, Dictionary<long, PlaceRow> cities, long all)
    {
        var share = new Ratio(row.Messages, all);
        if (row.Key == Dimension.Proxied)
        {
            return new PlaceShare(Proxied, "Unknown (proxied)", "", row.Messages, row.Events, share);
        }

        if (level == PlaceLevel.Country)
        {
            return row.Key.Length == 0
                ? new PlaceShare(Unknown, "Unknown", "", row.Messages, row.Events, share)
                : new PlaceShare(row.Key, Countries.Name(row.Key), "", row.Messages, row.Events, share);
        }

        return cities.TryGetValue(long.Parse(row.Key, CultureInfo.InvariantCulture), out var place)
            ? new PlaceShare(place.Country.Length == 0 ? Unknown : place.Country, CityName(place), place.Region, row.Messages, row.Events, share)
            : new PlaceShare(Unknown, "Unknown", "", row.Messages, row.Events, share);
    }

    // A database may know the country and no more: said, never guessed.
    private static string CityName(PlaceRow place) =>
        place.City.Length > 0 ? place.City
        : place.Region.Length > 0 ? $"{place.Region}, city unknown"
        : place.Country.Length > 0 ? $"{Countries.Name(place.Country)}, city unknown"
        : "Unknown";

    private static Task<Dictionary<long, PlaceRow>> CitiesAsync(ScoreDb db, IReadOnlyList<HitShare> rows, CancellationToken cancellationToken)
    {
        long[] ids = [.. rows.Where(row => row.Key is not ("" or Dimension.Proxied)).Select(row => long.Parse(row.Key, CultureInfo.InvariantCulture))];
        return db.Places.AsNoTracking().Where(place => ids.Contains(place.Id)).ToDictionaryAsync(place => place.Id, cancellationToken);
    }
}
