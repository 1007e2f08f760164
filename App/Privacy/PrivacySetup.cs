namespace ScoreTracking.Privacy;

public static class PrivacySetup
{
    /// <summary>What a person may ask for.</summary>
    public static void AddPrivacy(this IServiceCollection services)
    {
        services.AddSingleton<PersonExport>();
        services.AddSingleton<ContactRemoval>();
        services.AddSingleton<TraceSearch>();
        services.AddSingleton<Erasures>();
        services.AddHostedService(provider => provider.GetRequiredService<Erasures>());
    }
}
