using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Api;

/// <summary>Where people, and links in mail, reach this server.</summary>
public sealed class ServerUrls
{
    /// <summary>Where people reach it, "https://score.example.com". Empty: http://localhost:8080.</summary>
    [RegularExpression("^(https?://[^/?#]+/?)?$", ErrorMessage = "PublicUrl must be http(s)://host[:port] without a path.")]
    public string PublicUrl { get; set; } = "";

    /// <summary>Where links in mail point; empty: the same as <see cref="PublicUrl"/>.</summary>
    [RegularExpression("^(https?://[^/?#]+/?)?$", ErrorMessage = "TrackingUrl must be http(s)://host[:port] without a path.")]
    public string TrackingUrl { get; set; } = "";

    /// <summary>Mail domain whose addresses an inbound connection receives, "in.example.com". Then every mail gets its own address for bounces and for unsubscribing by mail; empty: none.</summary>
    [RegularExpression("^([A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+)?$", ErrorMessage = "InboundDomain must be a domain name.")]
    public string InboundDomain { get; set; } = "";

    /// <summary>Without a slash at the end.</summary>
    public string PublicBase => (PublicUrl.Length > 0 ? PublicUrl : "http://localhost:8080").TrimEnd('/');

    /// <summary>Without a slash at the end.</summary>
    public string TrackingBase => (TrackingUrl.Length > 0 ? TrackingUrl : PublicBase).TrimEnd('/');

    /// <summary>Hosts, with port where it is not the usual one, at which this server's tracking paths are reached.</summary>
    public IReadOnlyList<string> OwnHosts() => [.. new[] { TrackingBase, PublicBase }.Select(url => new Uri(url).Authority).Distinct()];
}
