using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Campaigns;
using ScoreTracking.Connections;
using ScoreTracking.Contacts;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Demo;
using ScoreTracking.Domains;
using ScoreTracking.Engagement;
using ScoreTracking.Geo;
using ScoreTracking.Hooks;
using ScoreTracking.Ingest;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Journeys.Actions;
using ScoreTracking.Live;
using ScoreTracking.Messages;
using ScoreTracking.Notifications;
using ScoreTracking.Operations;
using ScoreTracking.Privacy;
using ScoreTracking.Reports;
using ScoreTracking.Reports.Shares;
using ScoreTracking.Reports.Streams;
using ScoreTracking.Segments;
using ScoreTracking.Settings;
using ScoreTracking.Shell;
using ScoreTracking.Suppressions;
using ScoreTracking.Tokens;
using ScoreTracking.Tracking;
using ScoreTracking.Webhooks;

// The default watches the content root recursively and would wake on every write of a database below it.
Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");

// Configuration and static files lie beside the assembly, so `dotnet run`, tests and the container read the same ones.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. CommandLine.Settings(args).Where(arg => arg != DemoSetup.Argument)], ContentRootPath = AppContext.BaseDirectory });

// A development aid that looks for a file on the disk at every request, the pixel's included.
builder.Configuration["DisableStaticAssetNotFoundRuntimeFallback"] = "true";
builder.Configuration.AddSecretFiles(SetupOptions.Secrets);
if (CommandLine.Verb(args) is not null)
{
    var url = builder.Configuration["Urls"]?.Split(';')[0] ?? "http://localhost:8080";
    return await CommandLine.RunAsync(args, builder.Configuration.Get<StorageOptions>() ?? new StorageOptions(), url, CancellationToken.None); // Ctrl-C ends the process.
}

if (args.Contains(DemoSetup.Argument))
{
    builder.AddDemo();
}

builder.WebHost.UseStaticWebAssets();
builder.ConfigureServer();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddData();
builder.Services.AddGeo(); // Before events are stored, so that the first are located.
builder.Services.AddIngest(); // Before whatever else runs in the background: what starts first stops last, and then truncates the WAL.
builder.Services.AddApi();
builder.Services.AddApiDocs();
builder.Services.AddAuth();
builder.Services.AddLive();
builder.Services.AddTokens();
builder.Services.AddSuppressions();
builder.Services.AddTracking();
builder.Services.AddConnectionRegistry();
builder.Services.AddTransports();
builder.Services.AddWebhooks();
builder.Services.AddDomains();
builder.Services.AddEngagement();
builder.Services.AddSettings();
builder.Services.AddDelivery();
builder.Services.AddLists();
builder.Services.AddContactImport();
builder.Services.AddPrivacy();
builder.Services.AddSegments();
builder.Services.AddContacts();
builder.Services.AddCampaigns();
builder.Services.AddMessages();
builder.Services.AddReports();
builder.Services.AddReportStreams();
builder.Services.AddShares();
builder.Services.AddNotifications();
builder.Services.AddHooks();
builder.Services.AddJourneyActions();
builder.Services.AddShell();

var app = builder.Build();
app.Services.MigrateData(app.Services.GetRequiredService<IOptions<OrganizationOptions>>().Value.TimeZone);
ClientBackfill.Run(app.Services.GetRequiredService<SqliteFile>());
CounterRebuild.BuildMissing(app.Services.GetRequiredService<SqliteFile>(), TimeProvider.System, CancellationToken.None); // Nothing else runs yet.
SuppressionRecount.BuildMissing(app.Services.GetRequiredService<SqliteFile>(), TimeProvider.System, CancellationToken.None);
app.UseProblems();
app.UseMiddleware<BodyLimits>();
app.UseShares();
app.UseAuth();
app.UseIdempotency();
app.MapApiDocs();
app.MapTracking();
app.MapEvents();
app.MapConnections();
app.MapDelivery();
app.MapConnectionTest();
app.MapConnectionSending();
app.MapSendingDomains();
app.MapContactImport();
app.MapPrivacy();
app.MapContacts();
app.MapLists();
app.MapListMembers();
app.MapContactExports();
app.MapCampaigns();
app.MapSuppressions();
app.MapMessages();
app.MapReplies();
app.MapHealth();
app.MapMetrics();
app.MapAuth();
app.MapSettings();
app.MapReports();
app.MapHeatmap();
app.MapWorkspaceReports();
app.MapEventLog();
app.MapReclassification();
app.MapRecipientBrowser();
app.MapExports();
app.MapTables();
app.MapReportStreams();
app.MapShares();
app.MapNotifications();
app.MapHooks();
app.MapJourneySecrets();
app.MapShell();
await app.RunAsync();
return 0;

public partial class Program;
