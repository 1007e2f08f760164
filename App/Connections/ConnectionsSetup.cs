namespace ScoreTracking.Connections;

public static class ConnectionsSetup
{
    /// <summary>The registry of connections. What kinds there are is said by who reads their requests or hands mail to them.</summary>
    public static void AddConnections(this IServiceCollection services)
    {
        services.AddSingleton<KnownConnections>();
        services.AddSingleton<ConnectionEdits>();
        services.AddSingleton<RejectedWebhooks>();
    }
}
