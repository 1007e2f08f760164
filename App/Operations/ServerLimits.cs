using System.Text;
using Microsoft.AspNetCore.HttpOverrides;

namespace ScoreTracking.Operations;

/// <summary>What the web server accepts, and whose word it takes for where a request came from.</summary>
public static class ServerLimits
{
    /// <summary>Body limit of every endpoint that names no other, in bytes.</summary>
    public const long DefaultBody = 1024 * 1024;

    public static void ConfigureServer(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;

            // As bytes: a mail client's name need not be UTF-8, and its open must not be lost for it.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.Limits.MaxRequestBodySize = DefaultBody;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75);
            kestrel.Limits.MaxConcurrentConnections = 20_000;
            kestrel.Limits.MaxConcurrentUpgradedConnections = 500;
        });

        // Docker gives a container ten seconds.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8));
        var trusted = builder.Configuration.GetSection("TrustedProxies").Get<string[]>() ?? [];
        TrustedProxies.Trust(new ForwardedHeadersOptions(), trusted); // A wrong one stops the start.
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded => TrustedProxies.Trust(forwarded, trusted));
        builder.Services.AddTransient<IStartupFilter, TrustedProxies>();
    }
}
