using ScoreTracking.EventLog;

namespace ScoreTracking.Reports;

public static class ReportsSetup
{
    public static void AddReports(this IServiceCollection services)
    {
        services.AddSingleton<Exports>();
        services.AddSingleton<Reclassification>();
    }
}
