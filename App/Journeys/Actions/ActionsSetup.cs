using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

public static class ActionsSetup
{
    /// <summary>What steps of journeys do in the world: mail, webhooks.</summary>
    public static void AddJourneyActions(this IServiceCollection services)
    {
        services.AddSingleton<JourneySecrets>();
        services.AddSingleton<JourneyOpening>();
        services.AddSingleton<StepCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<StepCalls>());
        services.AddSingleton<IStepAction, SendAction>();
        services.AddSingleton<IStepAction, WebhookAction>();
        services.AddSingleton<IHookContent, ReadyMail>();
    }
}
