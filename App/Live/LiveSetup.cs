namespace ScoreTracking.Live;

public static class LiveSetup
{
    public static void AddLive(this IServiceCollection services)
    {
        services.AddSingleton<LiveUpdates>();
        services.AddSingleton<LiveFeeds>();
        services.AddSingleton<ImportFiles>();
        services.AddSingleton<LiveHandover.Shelf>();
        services.AddScoped<LiveHandover>();
    }
}
