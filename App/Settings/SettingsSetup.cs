namespace ScoreTracking.Settings;

public static class SettingsSetup
{
    public static void AddSettings(this IServiceCollection services)
    {
        services.AddOptions<OrganizationOptions>().BindConfiguration("").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<OrganizationSettings>();
        services.AddSingleton<Filtering>();
        services.AddSingleton<PauseLimits>();
        services.AddSingleton<TrackingPolicy>();
    }
}
