namespace ScoreTracking.Ingest;

public static class IngestSetup
{
    public static void AddIngest(this IServiceCollection services)
    {
        services.AddOptions<IngestOptions>().BindConfiguration("Ingest").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Inbox>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<EventWriter>();
        services.AddSingleton<DeferralRule>();
        services.AddHostedService(provider => provider.GetRequiredService<DeferralRule>());
        services.AddHostedService(provider => provider.GetRequiredService<EventWriter>());
    }
}
