namespace ScoreTracking.Messages;

public static class MessagesSetup
{
    public static void AddMessages(this IServiceCollection services) => services.AddSingleton<MailCopies>();
}
