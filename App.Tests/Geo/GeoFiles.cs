using System.Net;
using ScoreTracking.Geo;

namespace ScoreTracking.Tests.Geo;

/// <summary>Small databases of places, in the layout of GeoLite2.</summary>
public static class GeoFiles
{
    public static readonly DateTimeOffset Built = new(2026, 8, 15, 0, 0, 0, TimeSpan.Zero);

    public static byte[] City(params ReadOnlySpan<(string Network, string Country, string Region, string City)> places)
    {
        var writer = new MmdbWriter("GeoLite2-City", Built);
        foreach (var (network, country, region, city) in places)
        {
            var record = new Dictionary<string, object> { ["country"] = new Dictionary<string, object> { ["iso_code"] = country } };
            if (region.Length > 0)
            {
                record["subdivisions"] = new List<object> { Named(region) };
            }

            if (city.Length > 0)
            {
                record["city"] = Named(city);
            }

            writer.Add(IPNetwork.Parse(network), record);
        }

        return writer.ToArray();
    }

    private static Dictionary<string, object> Named(string name) => new() { ["names"] = new Dictionary<string, object> { ["en"] = name } };
}
