using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

public static class TrackingSetup
{
    public static void AddTracking(this IServiceCollection services)
    {
        services.AddSingleton<LinkCache>();
        services.AddSingleton<MessageAddresses>();
        services.AddSingleton<TrackingEndpoints>();
        services.AddSingleton<RecipientChoices>();
        services.AddSingleton<UnsubscribeRetry>();
        services.AddHostedService(provider => provider.GetRequiredService<UnsubscribeRetry>());
        services.AddSingleton<UnsubscribeEndpoints>();
    }

    public static void MapTracking(this IEndpointRouteBuilder routes)
    {
        TrackingEndpoints.Map(routes);
        UnsubscribeEndpoints.Map(routes);
    }
}
