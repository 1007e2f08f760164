using System.Globalization;
using System.Net;
using ScoreTracking.Geo;

namespace ScoreTracking.Demo;

/// <summary>
/// Where the demo's readers live. Their addresses come from the ranges set aside for documentation, which no real database
/// knows; so the demo writes a small one of its own that names a city for each part of them, and the server locates them as
/// it would anyone.
/// </summary>
internal static class DemoPlaces
{
    private const string Type = "Demo places (documentation networks)";

    // Of 192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24 each city gets 16 addresses; of 2001:db8::/32, 256 networks.
    private const int AddressesOfCity = 16;
    private const int CitiesOfNetwork = 256 / AddressesOfCity;

    private static readonly string[] s_networks = ["192.0.2", "198.51.100", "203.0.113"];

    private static readonly (string Country, string Region, string City, int Readers)[] s_cities =
    [
        ("US", "New York", "New York", 13), ("US", "California", "Los Angeles", 9), ("US", "Illinois", "Chicago", 7), ("US", "Texas", "Austin", 6),
        ("US", "Washington", "Seattle", 6), ("US", "Colorado", "Denver", 5), ("US", "Massachusetts", "Boston", 4), ("US", "Georgia", "Atlanta", 3),
        ("GB", "England", "London", 11), ("GB", "England", "Manchester", 4), ("GB", "Scotland", "Edinburgh", 3), ("IE", "Leinster", "Dublin", 3),
        ("DE", "Berlin", "Berlin", 7), ("DE", "Bavaria", "Munich", 6), ("DE", "Hamburg", "Hamburg", 4), ("DE", "Saxony", "Dresden", 2),
        ("AT", "Vienna", "Vienna", 3), ("AT", "Tyrol", "Innsbruck", 2), ("CH", "Zurich", "Zürich", 3), ("CH", "Geneva", "Genève", 1),
        ("FR", "Île-de-France", "Paris", 6), ("FR", "Auvergne-Rhône-Alpes", "Lyon", 3), ("FR", "Provence-Alpes-Côte d'Azur", "Marseille", 2),
        ("NL", "North Holland", "Amsterdam", 4), ("BE", "Brussels Capital", "Brussels", 2), ("DK", "Capital Region", "Copenhagen", 2),
        ("SE", "Stockholm", "Stockholm", 3), ("NO", "Oslo", "Oslo", 3), ("FI", "Uusimaa", "Helsinki", 2), ("PL", "Mazovia", "Warsaw", 3),
        ("CZ", "Prague", "Prague", 2), ("IT", "Lombardy", "Milan", 3), ("IT", "Lazio", "Rome", 2), ("ES", "Madrid", "Madrid", 3),
        ("ES", "Catalonia", "Barcelona", 3), ("PT", "Lisbon", "Lisbon", 2), ("CA", "Ontario", "Toronto", 6), ("CA", "British Columbia", "Vancouver", 5),
        ("AU", "New South Wales", "Sydney", 5), ("AU", "Victoria", "Melbourne", 4), ("NZ", "Auckland", "Auckland", 2), ("JP", "Tokyo", "Tokyo", 3),
        ("IN", "Karnataka", "Bengaluru", 3), ("SG", "", "Singapore", 2), ("BR", "São Paulo", "São Paulo", 3), ("MX", "Mexico City", "Mexico City", 2),
        ("ZA", "Western Cape", "Cape Town", 2),
    ];

    private static readonly int s_readers = s_cities.Sum(city => city.Readers);

    /// <summary>Writes the database where the server looks for one.</summary>
    public static void Write(string dataDirectory, DateTimeOffset now)
    {
        var writer = new MmdbWriter(Type, now);
        for (var city = 0; city < s_cities.Length; city++)
        {
            var record = Record(s_cities[city]);
            writer.Add(IPNetwork.Parse($"{Start(city)}/28"), record);
            writer.Add(IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"2001:db8:{city << 8:x}::/40")), record);
        }

        var directory = Directory.CreateDirectory(Path.Combine(Path.GetFullPath(dataDirectory), "geo")).FullName;
        File.WriteAllBytes(Path.Combine(directory, "demo-places.mmdb"), writer.ToArray());
    }

    /// <summary>A city, the larger the likelier.</summary>
    public static int City(Random random)
    {
        var reader = random.Next(s_readers);
        for (var city = 0; ; city++)
        {
            reader -= s_cities[city].Readers;
            if (reader < 0)
            {
                return city;
            }
        }
    }

    /// <summary>An address in a city: of version 6 for most, so that few readers share a network.</summary>
    public static string Address(int city, Random random) => random.Next(3) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{s_networks[city / CitiesOfNetwork]}.{(city % CitiesOfNetwork * AddressesOfCity) + random.Next(AddressesOfCity)}")
        : string.Create(CultureInfo.InvariantCulture, $"2001:db8:{(city << 8) + random.Next(256):x}:{random.Next(65_536):x}::{random.Next(1, 65_536):x}");

    public static string NameOf(int city) => s_cities[city].City;

    private static string Start(int city) =>
        string.Create(CultureInfo.InvariantCulture, $"{s_networks[city / CitiesOfNetwork]}.{city % CitiesOfNetwork * AddressesOfCity}");

    private static Dictionary<string, object> Record((string Country, string Region, string City, int Readers) city)
    {
        var record = new Dictionary<string, object>
        {
            ["country"] = new Dictionary<string, object> { ["iso_code"] = city.Country },
            ["city"] = Named(city.City),
        };
        if (city.Region.Length > 0)
        {
            record["subdivisions"] = new List<object> { Named(city.Region) };
        }

        return record;
    }

    private static Dictionary<string, object> Named(string name) => new() { ["names"] = new Dictionary<string, object> { ["en"] = name } };
}
