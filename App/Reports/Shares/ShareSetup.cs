namespace ScoreTracking.Reports.Shares;

public static class ShareSetup
{
    public static void AddShares(this IServiceCollection services)
    {
        services.AddScoped<ShareLinks>();
        services.AddSingleton<ShareUnlock>();
        services.AddSingleton<ShareViews>();
        services.AddHostedService(provider => provider.GetRequiredService<ShareViews>());
    }

    /// <summary>Before authorization: an address that names no link must not lead to the sign-in page.</summary>
    public static void UseShares(this IApplicationBuilder app) => app.UseMiddleware<ShareGate>();

    public static void MapShares(this IEndpointRouteBuilder routes) => ShareEndpoints.Map(routes);
}
