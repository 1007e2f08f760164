using System.Net;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Geo;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>The places of addresses: by the database, else the country a trusted proxy at the network's edge named. Image proxies are never located: they stand where their owner's servers do.</summary>
internal sealed class KnownPlaces(GeoDatabase geo, Catalog catalog)
{
    private const int Capacity = 20_000;

    private readonly Dictionary<int, Place> _known = [];
    private GeoFile? _file;

    /// <param name="address">Of the hit; looked at here for the last time.</param>
    /// <param name="verdict">What the hit alone says of who made it.</param>
    public Place Of(EmailEvent reported, IPAddress? address, Verdict verdict)
    {
        if (!reported.Type.IsHit() || verdict is Verdict.Proxy or Verdict.Privacy)
        {
            return Place.Unknown;
        }

        if (geo.Current != _file)
        {
            _file = geo.Current;
            _known.Clear();
        }

        var place = address is not null && _file is not null && _file.Find(address) is > 0 and var record ? At(_file, record) : Place.Unknown;
        return place.Id == 0 && reported.EdgeCountry is { } country ? catalog.Store(Place.Unknown with { Country = country }) : place;
    }

    /// <summary>Forgets ids made in a transaction that was rolled back.</summary>
    public void Discard() => _known.Clear();

    private Place At(GeoFile file, int record)
    {
        if (!_known.TryGetValue(record, out var place))
        {
            if (_known.Count >= Capacity)
            {
                _known.Clear();
            }

            _known[record] = place = Store(file, record);
        }

        return place;
    }

    private Place Store(GeoFile file, int record)
    {
        try
        {
            return catalog.Store(file.PlaceAt(record));
        }
        catch (InvalidDataException)
        {
            // A file broken in places is as good as it is.
            return Place.Unknown;
        }
    }
}
