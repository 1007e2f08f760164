using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;
using ScoreTracking.Api;
using ScoreTracking.Components;

namespace ScoreTracking.Shell;

public static class ShellSetup
{
    /// <summary>Pages, rendered on the server and live over one connection per viewer.</summary>
    public static void AddShell(this IServiceCollection services)
    {
        services.AddSingleton<AssetFiles>();
        services.AddScoped<Toasts>();
        services.AddScoped<PageAddress>();
        services.AddTransient<IStartupFilter, PagesForStatusCodes>();
        services.AddRazorComponents().AddInteractiveServerComponents(options =>
        {
            options.DisconnectedCircuitMaxRetained = 20;
            options.DetailedErrors = false;
        });
        services.AddSignalR(options => options.MaximumReceiveMessageSize = 32 * 1024)
            .AddJsonProtocol(json => json.PayloadSerializerOptions = ApiSetup.Json);
    }

    public static void MapShell(this WebApplication app)
    {
        app.Use(KeepOthersAnswers);
        app.MapStaticAssets().AllowAnonymous(); // Blazor's script.
        app.Services.GetRequiredService<AssetFiles>().Map(app);

        // The frame's own policy (App.razor) already says frame-ancestors; two would have to agree for ever.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
    }

    // Only an address nobody answers, or a page that found nothing, is answered by a page: a tracking link's 404 stays as it is.
    private static Task KeepOthersAnswers(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is { } endpoint && endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null
            && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }

        return next(context);
    }

    /// <summary>
    /// An unknown address shows a page, not a blank answer. A start-up filter, because it must stand before routing and
    /// authorization: the address it shows instead has to pass through both. The API answers in its own words.
    /// </summary>
    private sealed class PagesForStatusCodes : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseWhen(
                context => HttpMethods.IsGet(context.Request.Method) && !context.Request.Path.StartsWithSegments("/api"),
                pages => pages.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true));
            next(app);
        };
    }
}
