using System.ComponentModel.DataAnnotations;
using System.Net;

namespace ScoreTracking.Domains;

/// <summary>Whom we ask about sending domains.</summary>
public sealed class DnsOptions : IValidatableObject
{
    private const int DnsPort = 53;

    /// <summary>Addresses of name servers, ["192.0.2.53", "127.0.0.1:5353"]; empty: those of this machine. Nobody else is ever asked.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>Longest wait for one answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:30")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How old a look at a domain may be before it is looked at again; one whose key waits for its record is looked at a hundred times as often.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")] public TimeSpan CheckEvery { get; init; } = TimeSpan.FromDays(1);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Servers.Where(server => Read(server) is null).Select(server => new ValidationResult($"Dns:Servers names \"{server}\", which is no address such as 192.0.2.53 or 192.0.2.53:5353."));

    internal IReadOnlyList<IPEndPoint> EndPoints() => [.. Servers.Select(Read).OfType<IPEndPoint>()];

    private static IPEndPoint? Read(string server) =>
        IPAddress.TryParse(server, out var address) ? new IPEndPoint(address, DnsPort) : IPEndPoint.TryParse(server, out var whole) && whole.Port > 0 ? whole : null;
}
