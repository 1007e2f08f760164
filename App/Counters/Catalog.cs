using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>The places and clients events point to, by id and by what they say; remembered, since the same few come again and again. For one connection.</summary>
public sealed class Catalog(WriteConnection connection)
{
    // Some 15 MB of places; a database of cities has more, and then the busiest come back quickly.
    private const int Remembered = 50_000;

    // What one may say in a user agent has no end; what is counted by it must.
    private const int MostClients = 10_000;

    private readonly Statement _placeById = connection.Prepare("SELECT country, region, city FROM places WHERE id = ?1");
    private readonly Statement _placeByName = connection.Prepare("SELECT id FROM places WHERE country = ?1 AND region = ?2 AND city = ?3");
    private readonly Statement _newPlace = connection.Prepare("INSERT INTO places (country, region, city) VALUES (?1, ?2, ?3)");
    private readonly Statement _clientById = connection.Prepare("SELECT client, device, browser, os FROM clients WHERE id = ?1");
    private readonly Statement _clientByName = connection.Prepare("SELECT id FROM clients WHERE client = ?1 AND device = ?2 AND browser = ?3 AND os = ?4");
    private readonly Statement _newClient = connection.Prepare("INSERT INTO clients (client, device, browser, os) SELECT ?1, ?2, ?3, ?4 WHERE (SELECT count(*) FROM clients) < ?5");
    private readonly Dictionary<long, Place> _places = [];
    private readonly Dictionary<long, Client> _clients = [];
    private readonly Dictionary<(string, string, string), Place> _placesByName = [];
    private readonly Dictionary<(string, string, string, string), Client> _clientsByName = [];

    /// <summary>The place of an id in the log.</summary>
    public Place Place(long id)
    {
        if (id == 0)
        {
            return Events.Place.Unknown;
        }

        if (!_places.TryGetValue(id, out var place))
        {
            place = _placeById.Bind(1, id).Step() ? new Place(id, _placeById.Text(0), _placeById.Text(1), _placeById.Text(2)) : Events.Place.Unknown;
            _placeById.Reset();
            Remember(place);
        }

        return place;
    }

    /// <summary>The client of an id in the log.</summary>
    public Client Client(long id)
    {
        if (id == 0)
        {
            return Events.Client.Unknown;
        }

        if (!_clients.TryGetValue(id, out var client))
        {
            client = _clientById.Bind(1, id).Step()
                ? new Client(id, _clientById.Text(0), _clientById.Text(1), _clientById.Text(2), _clientById.Text(3))
                : Events.Client.Unknown;
            _clientById.Reset();
            Remember(client);
        }

        return client;
    }

    /// <summary>The stored place that says the same; a new one is stored.</summary>
    public Place Store(Place found)
    {
        var key = (found.Country, found.Region, found.City);
        if (key == ("", "", ""))
        {
            return Events.Place.Unknown;
        }

        if (_placesByName.TryGetValue(key, out var place))
        {
            return place;
        }

        var id = _placeByName.Bind(1, found.Country).Bind(2, found.Region).Bind(3, found.City).Scalar();
        if (id is null)
        {
            _newPlace.Bind(1, found.Country).Bind(2, found.Region).Bind(3, found.City).Run();
            id = connection.LastInsertedId;
        }

        return Remember(found with { Id = id.Value });
    }

    /// <summary>The stored client that says the same; a new one is stored while there is room for more, else it counts as unknown.</summary>
    public Client Store(Client found)
    {
        var key = (found.Name, found.Device, found.Browser, found.Os);
        if (key == ("", "", "", ""))
        {
            return Events.Client.Unknown;
        }

        if (_clientsByName.TryGetValue(key, out var client))
        {
            return client;
        }

        var id = Bind(_clientByName, found).Scalar();
        if (id is null)
        {
            Bind(_newClient, found).Bind(5, MostClients).Run();
            if (connection.Changes == 0)
            {
                return Events.Client.Unknown;
            }

            id = connection.LastInsertedId;
        }

        return Remember(found with { Id = id.Value });
    }

    /// <summary>Forgets ids made in a transaction that was rolled back.</summary>
    public void Discard()
    {
        _places.Clear();
        _placesByName.Clear();
        _clients.Clear();
        _clientsByName.Clear();
    }

    private static Statement Bind(Statement statement, Client client) =>
        statement.Bind(1, client.Name).Bind(2, client.Device).Bind(3, client.Browser).Bind(4, client.Os);

    private Place Remember(Place place)
    {
        if (_places.Count >= Remembered)
        {
            _places.Clear();
            _placesByName.Clear();
        }

        _places[place.Id] = place;
        _placesByName[(place.Country, place.Region, place.City)] = place;
        return place;
    }

    private Client Remember(Client client)
    {
        _clients[client.Id] = client;
        _clientsByName[(client.Name, client.Device, client.Browser, client.Os)] = client;
        return client;
    }
}
