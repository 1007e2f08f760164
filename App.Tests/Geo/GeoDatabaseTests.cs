using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Geo;

public sealed class GeoDatabaseTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["Geo:CheckEvery"] = "00:00:01" });

    private GeoDatabase Database => _app.Services.GetRequiredService<GeoDatabase>();

    private string Folder => Directory.CreateDirectory(Path.Combine(_app.DataDirectory, "geo")).FullName;

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_file_put_into_the_directory_is_taken_over_while_the_server_runs()
    {
        Assert.Null(Database.Current);

        Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));

        await Eventually.TrueAsync(() => Database.Current is not null);
        Assert.Equal("Berlin", PlaceOf("198.51.100.7").City);
    }

    [Fact]
    public void A_newer_file_takes_the_place_of_the_older()
    {
        Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));
        Database.Check();

        Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "AT", "", "Wien")));
        Database.Check();

        Assert.Equal(("AT", "Wien"), (PlaceOf("198.51.100.7").Country, PlaceOf("198.51.100.7").City));
    }

    [Fact]
    public async Task A_broken_file_is_reported_and_the_one_before_it_kept()
    {
        Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));
        Database.Check();

        Put("places.mmdb", "<html>Sign in to download</html>"u8.ToArray());
        Database.Check();

        Assert.Equal("Berlin", PlaceOf("198.51.100.7").City);
        Assert.Contains("places.mmdb cannot be used", Database.Problem, StringComparison.Ordinal);
        await using var rendering = await Rendering.OfAsync<PlacesSection>(_app.Services);
        Assert.Contains("The one before it stays in use.", await rendering.HtmlAsync(), StringComparison.Ordinal);

        Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "AT", "", "Wien")));
        Database.Check();

        Assert.Equal("Wien", PlaceOf("198.51.100.7").City);
        Assert.Null(Database.Problem);
    }

    [Fact]
    public void A_file_taken_away_is_no_longer_used()
    {
        var file = Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));
        Database.Check();

        File.Delete(file);
        Database.Check();

        Assert.Null(Database.Current);
    }

    [Fact]
    public async Task Of_several_the_first_by_name_is_used_unless_one_is_named()
    {
        var named = Put("b.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));
        Put("a.mmdb", GeoFiles.City(("198.51.100.0/24", "AT", "", "Wien")));
        Database.Check();

        Assert.Equal("Wien", PlaceOf("198.51.100.7").City);
        await using var other = new TestApp(new() { ["Geo:Database"] = named });
        Assert.Equal(named, other.Services.GetRequiredService<GeoDatabase>().Current?.Path);
    }

    [Fact]
    public async Task Settings_show_source_and_age()
    {
        await using (var empty = await Rendering.OfAsync<PlacesSection>(_app.Services))
        {
            Assert.Contains("No database.", await empty.HtmlAsync(), StringComparison.Ordinal);
            Assert.Contains(Folder, await empty.HtmlAsync(), StringComparison.Ordinal);
        }

        var file = Put("places.mmdb", GeoFiles.City(("198.51.100.0/24", "DE", "", "Berlin")));
        Database.Check();

        await using var rendering = await Rendering.OfAsync<PlacesSection>(_app.Services);
        Assert.Contains("GeoLite2-City", await rendering.HtmlAsync(), StringComparison.Ordinal);
        Assert.Contains(file, await rendering.HtmlAsync(), StringComparison.Ordinal);
        Assert.Contains("15 Aug 2026", await rendering.HtmlAsync(), StringComparison.Ordinal);
        Assert.Contains("(17 days old)", await rendering.HtmlAsync(), StringComparison.Ordinal);
    }

    private Place PlaceOf(string address)
    {
        var file = Database.Current!;
        return file.PlaceAt(file.Find(IPAddress.Parse(address)));
    }

    private string Put(string name, byte[] content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path + ".part", content);
        File.Move(path + ".part", path, overwrite: true);
        return path;
    }
}
