namespace ScoreTracking.Geo;

public static class GeoSetup
{
    public static void AddGeo(this IServiceCollection services)
    {
        services.AddOptions<GeoOptions>().BindConfiguration("Geo").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<GeoDatabase>();
        services.AddHostedService(provider => provider.GetRequiredService<GeoDatabase>());
    }
}
