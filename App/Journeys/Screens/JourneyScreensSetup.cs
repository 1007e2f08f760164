namespace ScoreTracking.Journeys.Screens;

public static class JourneyScreensSetup
{
    /// <summary>Pages of journeys: the list, the canvas, people's ways.</summary>
    public static void AddJourneyScreens(this IServiceCollection services) => services.AddSingleton<JourneyDesk>();
}
