using Microsoft.AspNetCore.Http.Features;
using ScoreTracking.Data;

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

    public static void MapShares(this IEndpointRouteBuilder routes)
    {
        ShareEndpoints.Map(routes);
        routes.MapGet(ShareGate.Path + "/{token}" + ShareGate.Mail, (string? content, HttpContext context, ScoreDb db, CancellationToken cancellationToken) =>
            ClickMapEndpoints.AnswerAsync(context.Features.GetRequiredFeature<Share>().CampaignId, content, db, context.Response, cancellationToken))
            .AllowAnonymous()
            .ExcludeFromDescription();
    }
}
