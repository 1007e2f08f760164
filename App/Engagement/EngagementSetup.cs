namespace ScoreTracking.Engagement;

public static class EngagementSetup
{
    public static void AddEngagement(this IServiceCollection services)
    {
        services.AddSingleton<EngagementRebuild>();
        services.AddHostedService(provider => provider.GetRequiredService<EngagementRebuild>());
        services.AddSingleton<EngagementSettings>();
    }
}
