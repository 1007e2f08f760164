using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

public static class AuthSetup
{
    /// <summary>People sign in with a session cookie, programs with API keys; every endpoint is closed to both unless it opens itself.</summary>
    public static void AddAuth(this IServiceCollection services)
    {
        services.AddOptions<AuthOptions>().BindConfiguration("Auth").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<SetupOptions>().BindConfiguration("Setup");
        AddKeys(services);
        AddAccounts(services);
        AddSchemes(services);

        services.AddSingleton<FirstRun>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstRun>());
        services.AddSingleton<KnownApiKeys>();
        services.AddSingleton<ApiKeys>();
        services.AddSingleton<Callers>();
        services.AddSingleton<OpenPages>();
        services.AddScoped(provider => new OpenPage(provider.GetRequiredService<OpenPages>(), provider.GetRequiredService<AuthenticationStateProvider>()));
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<OpenPage>());
        services.AddSingleton<ApiKeyUse>();
        services.AddHostedService(provider => provider.GetRequiredService<ApiKeyUse>());
    }

    /// <summary>Headers, who is asking, and whether they may. After error handling, before any endpoint.</summary>
    public static void UseAuth(this WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseMiddleware<SameOriginConnections>();
        app.UseAuthentication();
        app.UseMiddleware<DemoSignIn>();
        app.UseMiddleware<SessionGates>();
        app.UseAuthorization();
        app.UseAntiforgery();
    }

    public static void MapAuth(this WebApplication app)
    {
        app.MapApiKeys();
        app.MapUsers();
        app.MapPost("/account/logout", SignOutAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<Results<RedirectHttpResult, BadRequest>> SignOutAsync(
        HttpContext context, Sessions sessions, IAntiforgery antiforgery, CancellationToken cancellationToken)
    {
        if (!await antiforgery.IsRequestValidAsync(context))
        {
            return TypedResults.BadRequest();
        }

        await sessions.EndAsync(context.User, cancellationToken);
        await context.SignOutAsync(AuthSchemes.Session);
        return TypedResults.Redirect("/login");
    }

    private static void AddAccounts(IServiceCollection services)
    {
        services.AddIdentityCore<User>(identity =>
        {
            identity.User.RequireUniqueEmail = true;
            // The name is the address, and addresses hold more than Identity's letters.
            identity.User.AllowedUserNameCharacters = "";
        }).AddEntityFrameworkStores<ScoreDb>();
        // Identity's own rules ask for composition; ours for length.
        foreach (var rules in services.Where(service => service.ServiceType == typeof(IPasswordValidator<User>)).ToList())
        {
            services.Remove(rules);
        }

        services.AddScoped<IPasswordValidator<User>, PasswordRules>();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = PasswordHashing.Iterations);
        services.AddSingleton<PasswordHashing>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<Sessions>();
        services.AddScoped<Accounts>();
        services.AddScoped<SignIn>();
    }

    private static void AddSchemes(IServiceCollection services)
    {
        services.AddAuthentication(AuthSchemes.ByPath)
            .AddPolicyScheme(AuthSchemes.ByPath, displayName: null, policy => policy.ForwardDefaultSelector = context =>
                context.Request.Path.StartsWithSegments("/api") || ApiKeyHandler.IsForHub(context.Request) ? AuthSchemes.ApiKey : AuthSchemes.Session)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AuthSchemes.ApiKey, configureOptions: null)
            .AddCookie(AuthSchemes.Session, cookie =>
            {
                cookie.Cookie.Name = "st";
                cookie.Cookie.Path = "/";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.IsEssential = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
                cookie.SlidingExpiration = true;
                cookie.EventsType = typeof(SessionCookie);
            });
        services.AddSingleton(provider => new SessionCookieManager(provider.GetRequiredService<IConfiguration>()["PublicUrl"]));
        services.AddOptions<CookieAuthenticationOptions>(AuthSchemes.Session).Configure<SessionCookieManager>((cookie, manager) => cookie.CookieManager = manager);
        services.AddSingleton<SessionCookie>();
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddCascadingAuthenticationState();
        services.AddAuthorization(Policies.Add);
        services.AddAntiforgery(form =>
        {
            form.Cookie.Name = "st-form";
            form.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }

    private static void AddKeys(IServiceCollection services)
    {
        // A fixed name: by default it is the content root, and a moved program would sign everyone out.
        services.AddDataProtection().SetApplicationName("ScoreTracking");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<StorageOptions>, ILoggerFactory>((keys, storage, loggers) =>
        {
            var path = storage.Value.PathOf("keys");
            var directory = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(path)
                : Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            keys.XmlRepository = new FileSystemXmlRepository(directory, loggers);
        });
        services.AddLogging(logging => logging
            // It warns that the keys lie unencrypted: they lie in a directory only this account can read.
            .AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error)
            // Two lines per wrong key would let strangers fill the log.
            .AddFilter(typeof(ApiKeyHandler).FullName, LogLevel.Warning));
    }
}
