namespace ScoreTracking.Reports;

/// <summary>In what order the links of a report stand.</summary>
public enum LinkOrder
{
    /// <summary>Most unique clicks first, which is the best rate first: all are of the same number sent.</summary>
    Ctr,

    /// <summary>As a reader meets them.</summary>
    Place,

    /// <summary>Most clicks first.</summary>
    Total,
}

internal static class LinkOrders
{
    /// <summary>Reads the address; what it does not know means the default.</summary>
    public static LinkOrder Read(string? name) => name switch { "place" => LinkOrder.Place, "total" => LinkOrder.Total, _ => LinkOrder.Ctr };

    /// <summary>As the address has it; null for the default, which stays out of it.</summary>
    public static string? Name(this LinkOrder order) => order switch
    {
        LinkOrder.Ctr => null,
        LinkOrder.Place => "place",
        LinkOrder.Total => "total",
    };

    /// <param name="links">As the query has them, best rate first.</param>
    public static IReadOnlyList<LinkRow> Of(this LinkOrder order, IReadOnlyList<LinkRow> links) => order switch
    {
        LinkOrder.Ctr => links,
        LinkOrder.Place => [.. links.OrderBy(link => link.Content, StringComparer.Ordinal).ThenBy(link => link.Position)],
        LinkOrder.Total => [.. links.OrderByDescending(link => link.TotalClicks)],
    };
}
