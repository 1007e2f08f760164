using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

public static class SuppressionsSetup
{
    /// <summary>Who must not get mail.</summary>
    public static void AddSuppressions(this IServiceCollection services)
    {
        services.AddSingleton(provider => ErasedPeople.LoadOrCreate(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton<HeldUnsubscribes>();
        services.AddSingleton<SuppressionCheck>();
        services.AddSingleton<SuppressionList>();
        services.AddSingleton<SuppressionImport>();
        services.AddHostedService(provider => provider.GetRequiredService<SuppressionImport>());
        services.AddSingleton<SoftBounceLimit>();
        services.AddHostedService(provider => provider.GetRequiredService<SoftBounceLimit>());
    }
}
