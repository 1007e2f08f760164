using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Tokens;

public static class TokensSetup
{
    /// <summary>The signed ids in links and addresses of our mail.</summary>
    public static void AddTokens(this IServiceCollection services)
    {
        services.AddSingleton(provider => TrackingKeys.LoadOrCreate(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.AddSingleton<TrackingIds>();
    }
}
