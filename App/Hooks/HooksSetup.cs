namespace ScoreTracking.Hooks;

public static class HooksSetup
{
    /// <summary>Outbound webhooks: who is told of events, and the work of telling them.</summary>
    public static void AddHooks(this IServiceCollection services)
    {
        services.AddOptions<HookOptions>().BindConfiguration("Hooks").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PublicAddresses>();
        services.AddSingleton<KnownHooks>();
        services.AddSingleton<HookSender>();
        services.AddSingleton<HookOutcomes>();
        services.AddSingleton<HookEdits>();
        services.AddSingleton<HookDeliveries>();
        services.AddScoped<NewHookSecret>();
        services.AddSingleton<HookDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<HookDispatcher>());
        services.AddSingleton<HookNotes>();
        services.AddSingleton<HookFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<HookFollower>());
    }
}
