using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

public static class WebhooksSetup
{
    /// <summary>One adapter per ESP: a new one is a line here.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddAdapter<AmazonSesWebhook>();
        services.AddAdapter<BrevoWebhook>();
        services.AddAdapter<GenericWebhook>();
        services.AddAdapter<InboundWebhook>();
        services.AddAdapter<MailerSendWebhook>();
        services.AddAdapter<MailgunWebhook>();
        services.AddAdapter<MailjetWebhook>();
        services.AddAdapter<MailtrapWebhook>();
        services.AddAdapter<MandrillWebhook>();
        services.AddAdapter<PostalWebhook>();
        services.AddAdapter<PostmarkWebhook>();
        services.AddAdapter<ResendWebhook>();
        services.AddAdapter<SendGridWebhook>();
        services.AddAdapter<SmtpComWebhook>();
        services.AddAdapter<SparkPostWebhook>();
        services.AddAdapter<UnisenderGoWebhook>();
        services.AddSingleton<SignedOnce>();
        services.AddSingleton<InboundEvents>();
        services.AddSingleton<SnsCertificates>();
        services.AddSingleton<WebhookReceiver>();
        services.AddSingleton<WebhookEndpoints>();
        services.AddSingleton(provider => new TestEvents(provider.GetRequiredService<KnownConnections>(), provider.GetRequiredService<WebhookReceiver>(), provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<NewSecrets>();
    }

    // Both what its connections are made of and what their requests say.
    private static void AddAdapter<TAdapter>(this IServiceCollection services)
        where TAdapter : class, IEspWebhook
    {
        services.AddSingleton<IEspWebhook, TAdapter>();
        services.AddSingleton<IConnectionKind, TAdapter>();
    }
}
