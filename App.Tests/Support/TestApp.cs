using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace ScoreTracking.Tests.Support;

/// <summary>The real host on a loopback port, with a database of its own in a temporary directory, real migrations and a clock the test moves.</summary>
public sealed class TestApp : WebApplicationFactory<Program>
{
    public const string ApiKey = "st_live_testtesttesttesttesttesttest123456";
    public const string AdminEmail = "admin@example.com";
    public const string AdminPassword = "correct horse battery staple";

    private readonly Dictionary<string, string> _settings;

    public TestApp(Dictionary<string, string>? settings = null, string? dataDirectory = null)
    {
        _settings = settings ?? [];
        DataDirectory = dataDirectory ?? Directory.CreateTempSubdirectory("scoretracking-test-").FullName;
        UseKestrel(0);
        StartServer();
        Api = CreateClient();
        Api.DefaultRequestHeaders.Authorization = new("Bearer", ApiKey);
    }

    public string DataDirectory { get; }

    public TestClock Clock { get; } = new();

    /// <summary>Signed in with the first API key: all scopes.</summary>
    public HttpClient Api { get; }

    /// <summary>Without credentials, and following no redirect.</summary>
    public HttpClient Anonymous(bool keepsCookies = false) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = keepsCookies }) { BaseAddress = Api.BaseAddress };

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("DataDirectory", DataDirectory);
        builder.UseSetting("Setup:ApiKey", ApiKey);
        builder.UseSetting("Setup:AdminEmail", AdminEmail);
        builder.UseSetting("Setup:AdminPassword", AdminPassword);
        // A test that goes on reads what it clicked; the disk it shares with all others may be slow.
        builder.UseSetting("Ingest:ClickPatience", "00:01:00");
        foreach (var (key, value) in _settings)
        {
            builder.UseSetting(key, value);
        }

        builder.UseSetting("Logging:LogLevel:Default", "Warning");
        builder.UseSetting("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning");
        builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(Clock).Configure<KestrelServerOptions>(Distance.PutBefore));
    }

    /// <summary>Stops as an operator would; another TestApp may go on with the data.</summary>
    public async Task StopKeepingDataAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        for (var tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(DataDirectory, recursive: true);
                return;
            }
            catch (IOException) when (tries < 50)
            {
                // What a page that went away had asked for may still be read, and SQLite keeps a file beside its database until then.
                await Task.Delay(100);
            }
        }
    }
}
