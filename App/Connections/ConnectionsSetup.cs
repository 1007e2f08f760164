namespace ScoreTracking.Connections;

public static class ConnectionsSetup
{
    /// <summary>The registry of connections. Kinds besides mail servers are added by who reads their requests.</summary>
    public static void AddConnectionRegistry(this IServiceCollection services)
    {
        services.AddSingleton<IConnectionKind, SmtpKind>();
        services.AddSingleton<ConnectionKinds>();
        services.AddSingleton<KnownConnections>();
        services.AddSingleton<ConnectionEdits>();
        services.AddSingleton<RejectedWebhooks>();
    }
}
