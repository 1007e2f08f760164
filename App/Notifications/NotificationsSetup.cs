namespace ScoreTracking.Notifications;

public static class NotificationsSetup
{
    /// <summary>People are told what happened to mail.</summary>
    public static void AddNotifications(this IServiceCollection services)
    {
        services.AddOptions<NotificationOptions>().BindConfiguration("Notifications").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<NotificationPreferences>();
        services.AddSingleton<NotificationMarks>();
        services.AddSingleton<Notifier>();
        services.AddHostedService(provider => provider.GetRequiredService<Notifier>());
    }
}
