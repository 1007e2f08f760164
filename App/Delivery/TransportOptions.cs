using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Delivery;

/// <summary>How patient hand-off is, and where ESPs are reached.</summary>
public sealed class TransportOptions
{
    /// <summary>Longest wait for any answer of a mail server. RFC 5321 asks for 5 minutes at most steps and 10 for the answer to a mail; whoever waits less gets uncertain messages from slow servers.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")] public TimeSpan SmtpTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest wait for an ESP's answer over HTTP.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")] public TimeSpan HttpTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What is left of either once the server is stopping.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")] public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Other places for ESPs' HTTP interfaces than their own, by provider: a gateway of yours. "https://host[:port][/path]".</summary>
    public Dictionary<string, string> Endpoints { get; init; } = [];
}
