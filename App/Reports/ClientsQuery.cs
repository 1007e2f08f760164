using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>By what a report tells the programs and machines of readers apart.</summary>
public enum ClientFacet
{
    Client,
    Device,
    Browser,
    Os,
}

public static class ClientFacets
{
    public static bool TryParse(string? name, out ClientFacet facet)
    {
        facet = name switch { "device" => ClientFacet.Device, "browser" => ClientFacet.Browser, "os" => ClientFacet.Os, _ => ClientFacet.Client };
        return name is null || name == facet.Name();
    }

    public static string Name(this ClientFacet facet) => facet switch
    {
        ClientFacet.Client => "client",
        ClientFacet.Device => "device",
        ClientFacet.Browser => "browser",
        ClientFacet.Os => "os",
    };

    internal static Dimension Dimension(this ClientFacet facet) => facet switch
    {
        ClientFacet.Client => Counters.Dimension.Client,
        ClientFacet.Device => Counters.Dimension.Device,
        ClientFacet.Browser => Counters.Dimension.Browser,
        ClientFacet.Os => Counters.Dimension.Os,
    };
}

/// <summary>What people opened or clicked with.</summary>
/// <param name="Name">"Unknown" where the user agent does not say, "Unknown (proxied)" where an image proxy stands before it.</param>
/// <param name="Known">False for those two.</param>
/// <param name="Messages">Messages with at least one such hit; one opened on two machines is in both.</param>
/// <param name="Share">Of the messages of all rows.</param>
public sealed record ClientShare(string Name, bool Known, long Messages, long Events, Ratio Share);

/// <param name="Data">Most messages first, at most <see cref="HitShares.MaxRows"/>; what is not known stands last.</param>
/// <param name="Count">All rows.</param>
public sealed record ClientsReport(IReadOnlyList<ClientShare> Data, long Count);

public static class ClientsQuery
{
    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<ClientsReport> Live(long campaignId, ClientFacet facet, EventType type) => new(
        LiveTopic.Campaign(campaignId), ("clients", facet, type), (db, token) => RunAsync(db, campaignId, facet, type, token));

    /// <param name="type">Opened or clicked.</param>
    public static async Task<ClientsReport> RunAsync(ScoreDb db, long campaignId, ClientFacet facet, EventType type, CancellationToken cancellationToken)
    {
        var shares = await HitShares.RunAsync(db, campaignId, facet.Dimension(), type, cancellationToken);
        return new ClientsReport(
            [.. shares.Rows.Select(row => Row(row, shares.Messages)).OrderByDescending(row => row.Known).ThenBy(row => !row.Known && row.Name.Length > "Unknown".Length)],
            shares.Count);
    }

    private static ClientShare Row(HitShare row, long all) => row.Key switch
    {
        "" => new ClientShare("Unknown", false, row.Messages, row.Events, new Ratio(row.Messages, all)),
        Dimension.Proxied => new ClientShare("Unknown (proxied)", false, row.Messages, row.Events, new Ratio(row.Messages, all)),
        _ => new ClientShare(row.Key, true, row.Messages, row.Events, new Ratio(row.Messages, all)),
    };
}
