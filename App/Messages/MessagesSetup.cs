using ScoreTracking.Delivery;

namespace ScoreTracking.Messages;

public static class MessagesSetup
{
    public static void AddMessages(this IServiceCollection services)
    {
        services.AddSingleton<MailVault>();
        services.AddSingleton<MailSenders>();
        services.AddSingleton<MailCopies>();
        services.AddSingleton<IMailSource, SingleMails>();
        services.AddSingleton<MailContentPurge>();
        services.AddHostedService(provider => provider.GetRequiredService<MailContentPurge>());
    }
}
