using System.Net;
using ScoreTracking.Demo;
using ScoreTracking.Geo;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Demo;

/// <summary>The demo's own database of places: for networks set aside for documentation, read as any other.</summary>
public sealed class DemoPlacesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-demo-").FullName;

    [Fact]
    public void Every_address_of_the_demo_lies_in_its_city()
    {
        DemoPlaces.Write(_directory, Some.Noon);
        var file = new GeoFile("", Some.Noon, new MmdbReader(File.ReadAllBytes(Path.Combine(_directory, "geo", "demo-places.mmdb"))));
        var random = new Random(1);

        for (var i = 0; i < 5_000; i++)
        {
            var city = DemoPlaces.City(random);
            var address = IPAddress.Parse(DemoPlaces.Address(city, random));
            Assert.Equal(DemoPlaces.NameOf(city), file.PlaceAt(file.Find(address)).City);
        }

        Assert.Equal(0, file.Find(IPAddress.Parse("8.8.8.8")));
        Assert.Contains("Demo", file.Type, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_hundred_readers_each_mailbox_has_its_share()
    {
        var domains = Enumerable.Range(1, 1_000).Select(DemoPeople.Domain).CountBy(domain => domain).ToDictionary();

        Assert.Equal(380, domains["gmail.com"]);
        Assert.Equal(1_000, domains.Values.Sum());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
