namespace ScoreTracking.Delivery;

public static class DeliverySetup
{
    /// <summary>Mail we hand to servers ourselves.</summary>
    public static void AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton<SendQueue>();
    }
}
