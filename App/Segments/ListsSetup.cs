namespace ScoreTracking.Segments;

public static class ListsSetup
{
    /// <summary>Lists and who is on them.</summary>
    public static void AddLists(this IServiceCollection services) => services.AddSingleton<ContactLists>();
}
