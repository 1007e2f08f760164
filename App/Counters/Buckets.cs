using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>The dimensions in which a message counts once per key, by the hits people made.</summary>
[Flags]
public enum BucketKinds : byte
{
    None = 0,
    Country = 1 << 0,
    City = 1 << 1,
    Client = 1 << 2,
    Device = 1 << 3,
    Browser = 1 << 4,
    Os = 1 << 5,
    All = Country | City | Client | Device | Browser | Os,
}

/// <summary>The keys a person's hit is counted under: where from and with what. 0 is "not known", <see cref="Proxied"/> "hidden by an image proxy".</summary>
public readonly record struct Buckets(int Country, int City, int Client, int Device, int Browser, int Os)
{
    public const int Proxied = -1;

    /// <summary>Keys of a hit.</summary>
    /// <param name="place">From the log; what a proxy's hit says here is the proxy's own.</param>
    public static Buckets Of(Verdict verdict, Place place, Client client)
    {
        var proxied = verdict == Verdict.Proxy;
        return new Buckets(
            proxied ? Proxied : CountryKey(place.Country),
            proxied ? Proxied : (int)place.Id,
            BucketNames.Of(client.Name),
            Hidden(client.Device, proxied),
            Hidden(client.Browser, proxied),
            Hidden(client.Os, proxied));
    }

    /// <summary>The dimensions in which the keys differ.</summary>
    public BucketKinds Unlike(in Buckets other) =>
        (Country == other.Country ? 0 : BucketKinds.Country) | (City == other.City ? 0 : BucketKinds.City)
        | (Client == other.Client ? 0 : BucketKinds.Client) | (Device == other.Device ? 0 : BucketKinds.Device)
        | (Browser == other.Browser ? 0 : BucketKinds.Browser) | (Os == other.Os ? 0 : BucketKinds.Os);

    /// <summary>Two letters, or "" for 0.</summary>
    public static string CountryText(int key) => key == 0 ? "" : string.Create(2, key, (text, letters) => (text[0], text[1]) = ((char)(letters >> 8), (char)(letters & 0xFF)));

    private static int CountryKey(string country) => country.Length == 2 ? (country[0] << 8) | country[1] : 0;

    private static int Hidden(string name, bool proxied) => name.Length == 0 && proxied ? Proxied : BucketNames.Of(name);
}

/// <summary>The buckets the counted hits of one message and type have been in.</summary>
internal sealed class SeenBuckets
{
    private readonly HashSet<(BucketKinds, int)> _seen = [];

    /// <summary>Adds a hit.</summary>
    /// <returns>The dimensions in which it is the first under its key.</returns>
    public BucketKinds Add(in Buckets hit) =>
        Add(BucketKinds.Country, hit.Country) | Add(BucketKinds.City, hit.City) | Add(BucketKinds.Client, hit.Client)
        | Add(BucketKinds.Device, hit.Device) | Add(BucketKinds.Browser, hit.Browser) | Add(BucketKinds.Os, hit.Os);

    public void Clear() => _seen.Clear();

    private BucketKinds Add(BucketKinds kind, int key) => _seen.Add((kind, key)) ? kind : BucketKinds.None;
}
