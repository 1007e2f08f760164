using System.Net;
using System.Net.NetworkInformation;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ScoreTracking.Delivery;

/// <summary>Where this server itself listens. A relay may well lie in one's own network or on this machine, so no network is closed to connections; only this server is no mail server, and what is sent to it would be read as requests.</summary>
public sealed class OwnPorts(IServer server)
{
    public bool MayConnectTo(IPAddress address, int port)
    {
        var listens = server.Features.Get<IServerAddressesFeature>()?.Addresses.Any(own => BindingAddress.Parse(own).Port == port) == true;
        return !listens || !IsOwn(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
    }

    private static bool IsOwn(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        || NetworkInterface.GetAllNetworkInterfaces().Any(network => network.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
}
