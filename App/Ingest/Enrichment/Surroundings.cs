using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Geo;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary>Where a hit came from and what it was made with, as rows of the writer's database.</summary>
internal sealed class Surroundings
{
    public Surroundings(WriteConnection connection, GeoDatabase geo)
    {
        Catalog = new Catalog(connection);
        Clients = new KnownClients(connection, Catalog);
        Places = new KnownPlaces(geo, Catalog);
    }

    public Catalog Catalog { get; }

    public KnownClients Clients { get; }

    public KnownPlaces Places { get; }

    /// <summary>Forgets ids made in a transaction that was rolled back.</summary>
    public void Discard()
    {
        Catalog.Discard();
        Clients.Discard();
        Places.Discard();
    }
}
