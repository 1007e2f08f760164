namespace ScoreTracking.Hooks;

/// <summary>How a delivery stands.</summary>
public enum DeliveryStatus
{
    /// <summary>To be tried, for the first time or again.</summary>
    Waiting,
    Delivered,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>The spelling of each in the API.</summary>
public static class DeliveryStatuses
{
    public static string Name(this DeliveryStatus status) => status switch
    {
        DeliveryStatus.Waiting => "waiting",
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.Failed => "failed",
    };

    public static bool TryParse(string? name, out DeliveryStatus status)
    {
        (status, var known) = name switch
        {
            "waiting" => (DeliveryStatus.Waiting, true),
            "delivered" => (DeliveryStatus.Delivered, true),
            "failed" => (DeliveryStatus.Failed, true),
            _ => (default, false),
        };
        return known;
    }
}
