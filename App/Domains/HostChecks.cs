using System.Net;

namespace ScoreTracking.Domains;

/// <summary>Whether mail comes back to a domain, and whether links in mail lead anywhere.</summary>
internal static class HostChecks
{
    public static async Task<Finding> MailAsync(DnsReader dns, string domain, CancellationToken cancellationToken)
    {
        var servers = await dns.MailServersAsync(domain, cancellationToken);
        if (!servers.Answered)
        {
            return Words.Silence("mx", domain);
        }

        if (servers.Values is ["."])
        {
            return new Finding("mx", Verdicts.Bad, $"{domain} says that it takes no mail: answers do not arrive, and some receivers refuse mail from such a domain.", domain, null, servers.Values);
        }

        if (servers.Values.Count > 0)
        {
            return new Finding("mx", Verdicts.Good, $"{domain} takes mail, so answers arrive.", domain, null, servers.Values);
        }

        var host = await dns.HostAsync(domain, cancellationToken);
        return host switch
        {
            { Answered: false } => Words.Silence("mx", domain),
            { Values.Count: > 0 } => new Finding("mx", Verdicts.Warning, $"{domain} has no MX record. Answers go to the host of that name, if it takes mail.", domain, null, host.Values),
            _ => new Finding("mx", Verdicts.Bad, $"{domain} has neither MX nor address: answers do not arrive, and many receivers refuse mail from a domain that cannot be answered.", domain, null, []),
        };
    }

    public static async Task<Finding> BouncesAsync(DnsReader dns, string inbound, CancellationToken cancellationToken)
    {
        var servers = await dns.MailServersAsync(inbound, cancellationToken);
        return servers switch
        {
            { Answered: false } => Words.Silence("bounces", inbound),
            { Values: [] or ["."] } => new Finding("bounces", Verdicts.Bad,
                $"Bounces are to come to {inbound}, which has no mail server: they are lost. Publish an MX record, or leave InboundDomain empty.", inbound, null, servers.Values),
            _ => new Finding("bounces", Verdicts.Good, $"Bounces come to {inbound}, which has a mail server.", inbound, null, servers.Values),
        };
    }

    /// <param name="trackingBase">Where links in mail point.</param>
    public static async Task<Finding> TrackingAsync(DnsReader dns, string trackingBase, CancellationToken cancellationToken)
    {
        var url = new Uri(trackingBase);
        var host = url.IdnHost;
        var insecure = url.Scheme == Uri.UriSchemeHttps ? "" : " They are http: mail programs warn of such links. Put it behind https and change TrackingUrl.";
        if (url.IsLoopback || !host.Contains('.', StringComparison.Ordinal))
        {
            return new Finding("tracking", Verdicts.Bad, $"Links and pixels in mail lead to {host}, which nobody else reaches. Set PublicUrl or TrackingUrl to a name that is reached from outside.", host, null, []);
        }

        if (IPAddress.TryParse(host, out _))
        {
            return new Finding("tracking", Verdicts.Warning, $"Links in mail lead to a bare address, {host}: filters take that for a trick. Give the server a name and set TrackingUrl.", host, null, []);
        }

        var answer = await dns.HostAsync(host, cancellationToken);
        return answer switch
        {
            { Answered: false } => Words.Silence("tracking", host),
            { Values.Count: 0 } => new Finding("tracking", Verdicts.Bad, $"Links and pixels in mail lead to {host}, which does not exist in DNS. Publish an address (A, AAAA) or an alias (CNAME) of this server there.", host, null, []),
            _ => new Finding("tracking", insecure.Length > 0 ? Verdicts.Warning : Verdicts.Good, $"Links and pixels in mail lead to {host}, which exists.{insecure}", host, null, answer.Values),
        };
    }
}
