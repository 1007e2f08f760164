using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using ScoreTracking.Geo;

namespace ScoreTracking.Operations;

/// <summary>
/// Before everything else, routing too, since the pixel is answered right after it: what proxies named in TrustedProxies
/// or on loopback say of where a request came from is believed, from anyone else it is not.
/// </summary>
internal sealed partial class TrustedProxies(IOptions<ForwardedHeadersOptions> options, ILogger<TrustedProxies> logger) : IStartupFilter
{
    private const string ForwardedFor = "X-Forwarded-For";

    private int _warned;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (!IsTrusted(context.Connection.RemoteIpAddress))
            {
                EdgeCountry.Remove(context.Request.Headers);
                Warn(context);
            }

            return rest(context);
        });
        app.UseForwardedHeaders();
        next(app);
    };

    /// <param name="networks">Addresses or networks besides loopback.</param>
    /// <exception cref="InvalidOperationException">One is neither.</exception>
    public static void Trust(ForwardedHeadersOptions forwarded, IReadOnlyCollection<string> networks)
    {
        // The host name always stays our own. Several proxies in a row are followed as long as each is trusted.
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        forwarded.ForwardLimit = null;
        foreach (var network in networks)
        {
            if (System.Net.IPNetwork.TryParse(network, out var range))
            {
                forwarded.KnownIPNetworks.Add(range);
            }
            else if (IPAddress.TryParse(network, out var address))
            {
                forwarded.KnownProxies.Add(address);
            }
            else
            {
                throw new InvalidOperationException($"TrustedProxies names \"{network}\", which is neither an address nor a network such as 10.0.0.0/8.");
            }
        }
    }

    private bool IsTrusted(IPAddress? peer)
    {
        if (peer is null)
        {
            return false;
        }

        peer = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        var forwarded = options.Value;
        return forwarded.KnownProxies.Contains(peer) || forwarded.KnownIPNetworks.Any(network => network.Contains(peer));
    }

    // Else every visitor seems to come from the proxy: one place for all, and limits per address hit everyone.
    private void Warn(HttpContext context)
    {
        if (_warned == 0 && context.Request.Headers.ContainsKey(ForwardedFor) && Interlocked.Exchange(ref _warned, 1) == 0)
        {
            LogUntrusted(logger, context.Connection.RemoteIpAddress);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Peer} sends X-Forwarded-For and is not believed. If it is your reverse proxy, name its address or network in TrustedProxies")]
    private static partial void LogUntrusted(ILogger logger, IPAddress? peer);
}
