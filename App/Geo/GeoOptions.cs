using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Geo;

/// <summary>Where places of addresses are read.</summary>
public sealed class GeoOptions
{
    /// <summary>A MaxMind DB file; empty: the first *.mmdb in DataDirectory/geo, by name.</summary>
    public string Database { get; init; } = "";

    /// <summary>How often it is looked whether the file has changed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")] public TimeSpan CheckEvery { get; init; } = TimeSpan.FromSeconds(30);
}
