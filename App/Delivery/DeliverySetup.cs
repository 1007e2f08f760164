namespace ScoreTracking.Delivery;

public static class DeliverySetup
{
    /// <summary>Mail we hand to servers ourselves.</summary>
    public static void AddDelivery(this IServiceCollection services)
    {
        services.AddSingleton<SendQueue>();
        services.AddSingleton<LetterWriter>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<InFlight>();
        services.AddSingleton<InDoubt>();
        services.AddSingleton<Settlement>();
        services.AddSingleton<SendRates>();
        services.AddSingleton<HandOffRelay>();
        services.AddSingleton<SendingHold>();
        services.AddSingleton<DeliveryDecisions>();
        services.AddSingleton<ConnectionBacklogQuery>();
        services.AddSingleton<Dispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        services.AddSingleton<HandOffFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<HandOffFollower>());
    }
}
