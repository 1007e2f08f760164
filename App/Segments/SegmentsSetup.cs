namespace ScoreTracking.Segments;

public static class SegmentsSetup
{
    public static void AddSegments(this IServiceCollection services)
    {
        services.AddSingleton<SegmentQueries>();
        services.AddSingleton<MemberPages>();
    }
}
