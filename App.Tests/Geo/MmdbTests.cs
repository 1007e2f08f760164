using System.Net;
using ScoreTracking.Events;
using ScoreTracking.Geo;

namespace ScoreTracking.Tests.Geo;

/// <summary>MaxMind DB files: written here, and one by hand from the format's specification.</summary>
public sealed class MmdbTests
{
    private static readonly DateTimeOffset s_built = new(2026, 8, 15, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(4, 24)]
    [InlineData(6, 24)]
    [InlineData(6, 28)]
    [InlineData(6, 32)]
    public void An_address_finds_the_narrowest_network_it_lies_in(int ipVersion, int recordBits)
    {
        var writer = new MmdbWriter("Test", s_built, ipVersion, recordBits);
        writer.Add(IPNetwork.Parse("198.51.100.0/24"), "wide");
        writer.Add(IPNetwork.Parse("198.51.100.128/28"), "narrow");
        writer.Add(IPNetwork.Parse("203.0.113.7/32"), "one");
        var reader = new MmdbReader(writer.ToArray());

        Assert.Equal("wide", At(reader, "198.51.100.1"));
        Assert.Equal("narrow", At(reader, "198.51.100.128"));
        Assert.Equal("narrow", At(reader, "198.51.100.143"));
        Assert.Equal("wide", At(reader, "198.51.100.144"));
        Assert.Equal("wide", At(reader, "::ffff:198.51.100.1"));
        Assert.Equal("one", At(reader, "203.0.113.7"));
        Assert.Null(At(reader, "203.0.113.8"));
        Assert.Null(At(reader, "127.0.0.1"));
        Assert.Null(At(reader, "2001:db8::1"));
        Assert.Equal((s_built, "Test"), (reader.BuiltAt, reader.DatabaseType));
    }

    [Fact]
    public void Addresses_of_version_6_are_found()
    {
        var writer = new MmdbWriter("Test", s_built);
        writer.Add(IPNetwork.Parse("2001:db8::/32"), "wide");
        writer.Add(IPNetwork.Parse("2001:db8:1::/48"), "narrow");
        var reader = new MmdbReader(writer.ToArray());

        Assert.Equal("wide", At(reader, "2001:db8:2::1"));
        Assert.Equal("narrow", At(reader, "2001:db8:1:2::1"));
        Assert.Null(At(reader, "2001:db9::1"));
    }

    // One node: addresses that begin with 1 have a record, {"a": "bc"} by a pointer to "a", the others none.
    [Fact]
    public void A_file_put_together_by_hand_is_read()
    {
        byte[] tree = [0, 0, 1, 0, 0, 1 + 16 + 2];
        byte[] data = [0x41, (byte)'a', 0xE1, 0x20, 0x00, 0x42, (byte)'b', (byte)'c'];
        byte[] metadata =
        [
            0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8, 0xE6,
            .. Text("node_count"), 0xC1, 1,
            .. Text("record_size"), 0xA1, 24,
            .. Text("ip_version"), 0xA1, 4,
            .. Text("binary_format_major_version"), 0xA1, 2,
            .. Text("database_type"), .. Text("By hand"),
            .. Text("build_epoch"), 0x04, 0x02, 0x65, 0x00, 0x00, 0x00,
        ];
        var reader = new MmdbReader([.. tree, .. new byte[16], .. data, .. metadata]);

        var found = Assert.IsType<Dictionary<string, object>>(reader.Read(reader.Find(IPAddress.Parse("200.1.2.3"))));

        Assert.Equal("bc", found["a"]);
        Assert.Equal(0, reader.Find(IPAddress.Parse("100.1.2.3")));
        Assert.Equal(("By hand", DateTimeOffset.FromUnixTimeSeconds(0x65000000)), (reader.DatabaseType, reader.BuiltAt));

        static byte[] Text(string text) => [(byte)(0x40 | text.Length), .. System.Text.Encoding.UTF8.GetBytes(text)];
    }

    [Fact]
    public void A_file_cut_short_or_changed_is_refused_in_words_and_never_crashes()
    {
        var whole = GeoFiles.City(("198.51.100.0/24", "DE", "Berlin", "Berlin"));
        Assert.Throws<InvalidDataException>(() => new MmdbReader([]));
        Assert.Throws<InvalidDataException>(() => new MmdbReader("<html>Please sign in</html>"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => new MmdbReader(whole[500..]));

        var random = new Random(1);
        for (var i = 0; i < 3_000; i++)
        {
            var broken = whole.ToArray();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            try
            {
                var file = new GeoFile("", s_built, new MmdbReader(broken[..random.Next(broken.Length / 2, broken.Length + 1)]));
                if (file.Find(IPAddress.Parse("198.51.100.1")) is > 0 and var record)
                {
                    _ = file.PlaceAt(record);
                }
            }
            catch (InvalidDataException)
            {
                // The one answer allowed.
            }
        }
    }

    [Fact]
    public void The_layouts_of_the_three_makers_say_the_same()
    {
        Dictionary<string, object> Names(string name) => new() { ["names"] = new Dictionary<string, object> { ["de"] = "?", ["en"] = name } };
        var maxMind = new Dictionary<string, object>
        {
            ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE", ["names"] = Names("Germany") },
            ["registered_country"] = new Dictionary<string, object> { ["iso_code"] = "FR" },
            ["subdivisions"] = new List<object> { Names("Bavaria") },
            ["city"] = Names("Munich"),
        };
        var dbIp = new Dictionary<string, object>
        {
            ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE", ["is_in_european_union"] = true },
            ["subdivisions"] = new List<object> { Names("Bavaria") },
            ["city"] = Names("Munich"),
        };
        var ipInfo = new Dictionary<string, object> { ["country"] = "Germany", ["country_code"] = "DE", ["region"] = "Bavaria", ["city"] = "Munich" };

        Assert.All([maxMind, dbIp, ipInfo], layout => Assert.Equal(new Place(0, "DE", "Bavaria", "Munich"), PlaceOf(layout)));
        Assert.Equal(new Place(0, "DE", "", ""), PlaceOf(new Dictionary<string, object> { ["country"] = "DE" }));
        Assert.Equal(new Place(0, "FR", "", ""), PlaceOf(new Dictionary<string, object> { ["registered_country"] = maxMind["registered_country"] }));
        Assert.Equal(Place.Unknown, PlaceOf(new Dictionary<string, object> { ["country"] = "<b>", ["city"] = 7UL }));
        Assert.Equal(Place.Unknown, PlaceOf("a text"));
    }

    private static Place PlaceOf(object record)
    {
        var writer = new MmdbWriter("Test", s_built);
        writer.Add(IPNetwork.Parse("198.51.100.0/24"), record);
        var file = new GeoFile("", s_built, new MmdbReader(writer.ToArray()));
        return file.PlaceAt(file.Find(IPAddress.Parse("198.51.100.1")));
    }

    private static string? At(MmdbReader reader, string address) =>
        reader.Find(IPAddress.Parse(address)) is > 0 and var record ? (string)reader.Read(record) : null;
}
