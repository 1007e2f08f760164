namespace ScoreTracking.Webhooks;

public static class WebhooksSetup
{
    /// <summary>Connections and one adapter per ESP: a new one is a line here.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<IEspWebhook, AmazonSesWebhook>();
        services.AddSingleton<IEspWebhook, BrevoWebhook>();
        services.AddSingleton<IEspWebhook, GenericWebhook>();
        services.AddSingleton<IEspWebhook, InboundWebhook>();
        services.AddSingleton<IEspWebhook, MailerSendWebhook>();
        services.AddSingleton<IEspWebhook, MailgunWebhook>();
        services.AddSingleton<IEspWebhook, MailjetWebhook>();
        services.AddSingleton<IEspWebhook, MailtrapWebhook>();
        services.AddSingleton<IEspWebhook, MandrillWebhook>();
        services.AddSingleton<IEspWebhook, PostalWebhook>();
        services.AddSingleton<IEspWebhook, PostmarkWebhook>();
        services.AddSingleton<IEspWebhook, ResendWebhook>();
        services.AddSingleton<IEspWebhook, SendGridWebhook>();
        services.AddSingleton<IEspWebhook, SmtpComWebhook>();
        services.AddSingleton<IEspWebhook, SparkPostWebhook>();
        services.AddSingleton<IEspWebhook, UnisenderGoWebhook>();
        services.AddSingleton<Connections>();
        services.AddSingleton<ConnectionEdits>();
        services.AddSingleton<RejectedWebhooks>();
        services.AddSingleton<SignedOnce>();
        services.AddSingleton<InboundEvents>();
        services.AddSingleton<SnsCertificates>();
        services.AddSingleton<WebhookReceiver>();
        services.AddSingleton<WebhookEndpoints>();
        services.AddSingleton(provider => new TestEvents(provider.GetRequiredService<Connections>(), provider.GetRequiredService<WebhookReceiver>(), provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<NewSecrets>();
    }
}
