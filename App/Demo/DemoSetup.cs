using System.Security.Cryptography;
using ScoreTracking.Auth;

namespace ScoreTracking.Demo;

/// <summary>--demo: a directory of its own, no sign-in on this machine, a finished campaign, one that is running, a few single mails, segments, and a journey people are on.</summary>
public static class DemoSetup
{
    public const string Argument = "--demo";

    /// <summary>Settings of the demo; whatever the command line or the environment sets still wins for the address.</summary>
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        var directory = builder.Configuration["DemoDirectory"] ?? "demo-data";
        DemoPlaces.Write(directory, TimeProvider.System.GetUtcNow());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DataDirectory"] = directory,

            // Nobody signs in with them: they only make an administrator exist, and differ at every start.
            ["Setup:AdminEmail"] = "demo@example.com",
            ["Setup:AdminPassword"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
        });
        builder.Services.PostConfigure<AuthOptions>(auth => auth.AutoSignInOnLoopback = true);
        builder.Services.AddHostedService<DemoCampaigns>();
        builder.Services.AddHostedService<DemoMails>();
        builder.Services.AddHostedService<DemoJourneys>();
    }
}
