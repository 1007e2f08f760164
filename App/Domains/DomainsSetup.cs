namespace ScoreTracking.Domains;

public static class DomainsSetup
{
    public static void AddDomains(this IServiceCollection services)
    {
        services.AddOptions<DnsOptions>().BindConfiguration("Dns").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DnsReader>();
        services.AddSingleton<DomainChecks>();
        services.AddHostedService<DomainWatch>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<SendingDomains>();
    }
}
