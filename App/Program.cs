using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Shell;

// The default watches the content root recursively and would wake on every write of a database below it.
Environment.SetEnvironmentVariable("DOTNET_hostBuilder__reloadConfigOnChange", "false");

// Configuration and static files lie beside the assembly, so `dotnet run`, tests and the container read the same ones.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
builder.Configuration.AddSecretFiles(SetupOptions.Secrets);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddData();
builder.Services.AddApi();
builder.Services.AddAuth();
builder.Services.AddLive();
builder.Services.AddCampaigns();
builder.Services.AddShell();

var app = builder.Build();
app.Services.MigrateData(builder.Configuration["TimeZone"] ?? "UTC");
app.UseProblems();
app.UseAuth();
app.UseIdempotency();
app.MapStaticAssets().AllowAnonymous();
app.MapAuth();
app.MapCampaigns();
app.MapShell();
app.Run();

public partial class Program;
