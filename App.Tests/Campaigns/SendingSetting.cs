using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Campaigns that this server sends, as a program outside sets them up.</summary>
internal static class SendingSetting
{
    /// <summary>A connection to an SMTP server; by default to a port where nobody listens.</summary>
    public static async Task<string> GivenSmtpAsync(this TestApp app, int port = 9, string name = "Mail server", double? perSecond = null, int? lanes = null)
    {
        var body = new JsonObject
        {
            ["name"] = name,
            ["provider"] = "smtp",
            ["settings"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = port, ["security"] = "none", ["from"] = "news@acme.com" },
        };
        if (perSecond is { } limit)
        {
            body["settings"]!["per_second"] = limit;
        }

        if (lanes is { } connections)
        {
            body["settings"]!["connections"] = connections;
        }

        return (string)(await app.SendAsync(HttpMethod.Post, "/api/v1/connections", body, HttpStatusCode.Created))["id"]!;
    }

    /// <summary>A connection that only receives reports.</summary>
    public static async Task<string> GivenReportsAsync(this TestApp app)
    {
        var body = JsonNode.Parse("""{"name":"Reports","provider":"postmark","basic_auth":{"user":"u","password":"12345678"}}""");
        return (string)(await app.SendAsync(HttpMethod.Post, "/api/v1/connections", body, HttpStatusCode.Created))["id"]!;
    }

    public static Task SwitchAsync(this TestApp app, string connection, bool on) =>
        app.SendAsync(HttpMethod.Patch, $"/api/v1/connections/{connection}", new JsonObject { ["enabled"] = on }, HttpStatusCode.OK);

    public static JsonObject Campaign(string connection, string name = "Spring sale")
    {
        var campaign = CampaignApi.Campaign(name);
        campaign["delivery"] = "smtp";
        campaign["connection_id"] = connection;
        return campaign;
    }

    /// <summary>A draft this server would send, with people in it.</summary>
    public static async Task<string> GivenSmtpDraftAsync(this TestApp app, string connection, int recipients = 3, JsonObject? campaign = null)
    {
        var id = await app.GivenDraftAsync(campaign ?? Campaign(connection));
        if (recipients > 0)
        {
            await app.PostAsync($"/api/v1/campaigns/{id}/recipients", CampaignApi.Recipients(Enumerable.Range(1, recipients).Select(CampaignApi.Recipient)));
        }

        return id;
    }

    public static long Number(string campaign) => long.Parse(campaign[4..]);

    /// <summary>What the campaign's messages would be handed over as, in order of their ids.</summary>
    public static async Task<IReadOnlyList<ComposedMail>> ComposeAsync(this TestApp app, string campaign)
    {
        await using var db = app.Database();
        var id = Number(campaign);
        var queued = db.Messages.Where(m => m.CampaignId == id).OrderBy(m => m.Id).Select(m => m.Id).ToList();
        return await app.Services.GetServices<IMailSource>().Single(source => source.WritesCampaigns)
            .ComposeAsync([.. queued.Select(message => new QueuedMail(message, id, 1, 0))], CancellationToken.None);
    }

    /// <summary>Lets scheduled campaigns start whose time has come.</summary>
    public static Task LookAtScheduleAsync(this TestApp app) => app.ScheduledStarts().RunAsync(CancellationToken.None);

    public static ScheduledStarts ScheduledStarts(this TestApp app) => app.Services.GetServices<IHostedService>().OfType<ScheduledStarts>().Single();

    public static async Task<int> CountAsync(this TestApp app, string campaign, DeliveryState state)
    {
        await using var db = app.Database();
        var id = Number(campaign);
        return db.Deliveries.Count(d => d.CampaignId == id && d.State == state);
    }
}
