namespace ScoreTracking.Delivery;

public static class TransportsSetup
{
    /// <summary>Ways to hand mail over: by SMTP, and by ESPs' HTTP interfaces.</summary>
    public static void AddTransports(this IServiceCollection services)
    {
        services.AddOptions<TransportOptions>().BindConfiguration("Transports").ValidateDataAnnotations()
            .Validate(options => options.Endpoints.Values.All(EspTransports.IsEndpoint), "Transports:Endpoints: an endpoint is http(s)://host[:port][/path].")
            .ValidateOnStart();
        services.AddSingleton<OwnPorts>();
        services.AddSingleton<TransportHttp>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SmtpServers>();
        services.AddSingleton<EspTransports>();
        services.AddSingleton<Transports>();
        services.AddSingleton<ConnectionTest>();
    }
}
