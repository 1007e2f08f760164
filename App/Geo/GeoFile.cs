using System.Net;
using ScoreTracking.Events;

namespace ScoreTracking.Geo;

/// <summary>A database of places in use. Reads what GeoLite2, DB-IP and IPinfo files say, whichever it is.</summary>
public sealed class GeoFile(string path, DateTimeOffset changedAt, MmdbReader reader)
{
    private const int MaxName = 100;

    public string Path => path;

    /// <summary>When the file was last changed here.</summary>
    public DateTimeOffset ChangedAt => changedAt;

    /// <summary>When its maker built it.</summary>
    public DateTimeOffset BuiltAt => reader.BuiltAt;

    /// <summary>As its maker calls it: "GeoLite2-City".</summary>
    public string Type => reader.DatabaseType;

    /// <summary>A number for what the file says of an address, the same for all addresses it says the same of; 0 for nothing.</summary>
    public int Find(IPAddress address) => reader.Find(address);

    /// <summary>The place behind a number of <see cref="Find"/>, without an id.</summary>
    /// <exception cref="InvalidDataException">The file is broken there.</exception>
    public Place PlaceAt(int record)
    {
        if (reader.Read(record) is not Dictionary<string, object> found)
        {
            return Place.Unknown;
        }

        // GeoLite2 and DB-IP nest and translate, IPinfo has plain texts; an address that only a country registered is at least there.
        var country = Code(At(found, "country", "iso_code")) ?? Code(At(found, "country_code")) ?? Code(At(found, "country"))
            ?? Code(At(found, "registered_country", "iso_code")) ?? "";
        var region = Name(At(found, "subdivisions", "0", "names", "en")) ?? Name(At(found, "region")) ?? "";
        var city = Name(At(found, "city", "names", "en")) ?? Name(At(found, "city")) ?? "";
        return new Place(0, country, region, city);
    }

    private static object? At(object? value, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            value = value switch
            {
                Dictionary<string, object> map => map.GetValueOrDefault(step),
                List<object> { Count: > 0 } list => list[0],
                _ => null,
            };
        }

        return value;
    }

    private static string? Code(object? value) =>
        value is string { Length: 2 } text && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]) ? text.ToUpperInvariant() : null;

    private static string? Name(object? value) => value is string { Length: > 0 } text ? text[..Math.Min(text.Length, MaxName)] : null;
}
