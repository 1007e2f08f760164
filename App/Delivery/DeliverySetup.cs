namespace ScoreTracking.Delivery;

public static class DeliverySetup
{
    public static void AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton<LetterWriter>();
    }
}
