using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Data;

public static class DataSetup
{
    /// <summary>The database's file, <see cref="ScoreDb"/> per request and its factory for pages and background work.</summary>
    public static void AddData(this IServiceCollection services)
    {
        services.AddOptions<StorageOptions>().BindConfiguration("").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ServerLock>();
        services.AddSingleton(provider => new SqliteFile(provider.GetRequiredService<IOptions<StorageOptions>>().Value.PathOf("scoretracking.db")));
        services.AddPooledDbContextFactory<ScoreDb>((provider, options) =>
        {
            var file = provider.GetRequiredService<SqliteFile>();
            options
                .UseSqlite(file.ConnectionString)
                .UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking)
                .AddInterceptors(new SqliteFile.TuneInterceptor(file), new SqliteFile.TurnInterceptor(file));
        });
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContext());
    }

    /// <summary>Brings the schema up to date and makes sure the organization's row exists. Before anything else starts.</summary>
    public static void MigrateData(this IServiceProvider services, string timeZone)
    {
        services.GetRequiredService<ServerLock>();
        Migrator.Apply(services.GetRequiredService<SqliteFile>());
        using var db = services.GetRequiredService<IDbContextFactory<ScoreDb>>().CreateDbContext();
        if (!db.Organization.Any())
        {
            db.Organization.Add(new Organization { Name = "ScoreTracking", TimeZone = timeZone });
            db.SaveChanges();
        }
    }
}
