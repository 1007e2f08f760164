using System.ComponentModel.DataAnnotations;
using System.Net;

namespace ScoreTracking.Hooks;

/// <summary>How outbound webhooks are delivered.</summary>
public sealed class HookOptions : IValidatableObject
{
    /// <summary>How long an event lies in the log before webhooks are told: a machine is often known only by what it does next.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Longest wait for an endpoint, from the name's look-up to its answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")] public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Requests under way to one endpoint.</summary>
    [Range(1, 64)] public int Parallel { get; init; } = 8;

    /// <summary>Deliveries that may wait for one endpoint; events beyond it are passed over and counted.</summary>
    [Range(1, 10_000_000)] public int MaxWaiting { get; init; } = 50_000;

    /// <summary>An endpoint that has answered nothing but errors this long is disabled.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "60.00:00:00")] public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>Private addresses or networks that endpoints may lie in nevertheless, ["10.1.2.0/24"]. Everything else that is not on the public internet is refused.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => AllowedNetworks
        .Where(network => !IPNetwork.TryParse(network, out _) && !IPAddress.TryParse(network, out _))
        .Select(network => new ValidationResult($"Hooks:AllowedNetworks names \"{network}\", which is neither an address nor a network such as 10.0.0.0/8."));
}
