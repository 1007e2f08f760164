using ScoreTracking.Journeys.Steps;

namespace ScoreTracking.Journeys;

public static class JourneysSetup
{
    /// <summary>Journeys: what follows the log for them, who moves people, and what their steps do.</summary>
    public static void AddJourneys(this IServiceCollection services)
    {
        services.AddOptions<JourneyOptions>().BindConfiguration("Journeys").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IStepAction, DelayAction>();
        services.AddSingleton<IStepAction, WaitForAction>();
        services.AddSingleton<IStepAction, WaitUntilAction>();
        services.AddSingleton<IStepAction, ConditionAction>();
        services.AddSingleton<IStepAction, BranchAction>();
        services.AddSingleton<IStepAction, SplitAction>();
        services.AddSingleton<IStepAction, UpdateFieldAction>();
        services.AddSingleton<IStepAction, ListAction>();
        services.AddSingleton<IStepAction, ExitAction>();
        services.AddSingleton<JourneyInterest>();
        services.AddSingleton<JourneyFollower>();
        services.AddHostedService(provider => provider.GetRequiredService<JourneyFollower>());
        services.AddSingleton<JourneyRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<JourneyRunner>());
        services.AddSingleton<SegmentWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<SegmentWatcher>());
        services.AddSingleton<JourneyRemoval>();
        services.AddHostedService(provider => provider.GetRequiredService<JourneyRemoval>());
        services.AddSingleton<JourneyEdits>();
        services.AddSingleton<EnrollmentEdits>();
    }
}
