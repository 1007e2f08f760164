namespace ScoreTracking.Segments;

public static class ListsSetup
{
    /// <summary>Lists and who is on them; what the pages of segments need.</summary>
    public static void AddLists(this IServiceCollection services)
    {
        services.AddSingleton<ContactLists>();
        services.AddSingleton<SegmentCounts>();
        services.AddSingleton<SegmentEdits>();
    }
}
