using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Reports.Streams;

/// <summary>Live reports for programs: the event stream and the hub.</summary>
public sealed class StreamOptions
{
    /// <summary>Connections of all callers together. One costs some 40 KB.</summary>
    [Range(1, 10_000)] public int MaxConnections { get; set; } = 500;

    /// <summary>Connections of one API key or person.</summary>
    [Range(1, 10_000)] public int MaxPerCaller { get; set; } = 100;

    /// <summary>Longest silence of an event stream: a comment then tells both sides, and proxies between, that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:01:00")] public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Most events in one update of a busy campaign; the newest, with the number of those left out.</summary>
    [Range(1, 500)] public int MaxActivity { get; set; } = 100;
}
