using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Campaigns that wait, and a mail server they are handed to once the test connects it.</summary>
internal static class Sending
{
    /// <summary>The first connection a server is given.</summary>
    public const long Connection = 1;

    /// <summary>Connects a mail server on this machine: what waits for the first connection begins to leave.</summary>
    public static Task ConnectAsync(this TestApp app, int port, int lanes = 2, double perSecond = 0)
    {
        var settings = new JsonObject
        {
            ["host"] = "127.0.0.1", ["port"] = port.ToString(CultureInfo.InvariantCulture), ["security"] = "none",
            ["connections"] = lanes.ToString(CultureInfo.InvariantCulture),
        };
        if (perSecond > 0)
        {
            settings["per_second"] = perSecond.ToString(CultureInfo.InvariantCulture);
        }

        return app.SendAsync(HttpMethod.Post, "/api/v1/connections", new JsonObject { ["name"] = "Mail server", ["provider"] = "smtp", ["settings"] = settings }, HttpStatusCode.Created);
    }

    public static Dispatcher Dispatcher(this TestApp app) => app.Services.GetRequiredService<Dispatcher>();

    /// <summary>A running campaign of so many messages, all of them queued.</summary>
    public static async Task<(long CampaignId, IReadOnlyList<long> Messages)> GivenQueuedAsync(this TestApp app, int messages, string status = CampaignStatus.Running)
    {
        var campaignId = await app.GivenCampaignAsync();
        var ids = new List<long>();
        for (var i = 0; i < messages; i++)
        {
            ids.Add(await app.GivenMessageAsync(campaignId));
        }

        await using (var connection = app.Services.GetRequiredService<SqliteFile>().Open())
        {
            await using var transaction = (Microsoft.Data.Sqlite.SqliteTransaction)await connection.BeginTransactionAsync();
            SendQueue.Enqueue(connection, transaction, campaignId, Connection, app.Clock.GetUtcNow(), ids);
            await transaction.CommitAsync();
        }

        await using var db = app.Database();
        await db.Campaigns.Where(campaign => campaign.Id == campaignId).ExecuteUpdateAsync(set => set
            .SetProperty(campaign => campaign.Delivery, "smtp").SetProperty(campaign => campaign.ConnectionId, Connection).SetProperty(campaign => campaign.Status, status));
        app.Services.GetRequiredService<SendQueue>().Wake();
        return (campaignId, ids);
    }

    public static Task CompletedAsync(this TestApp app, long campaignId, int seconds = 60) =>
        Eventually.TrueAsync(async () => await app.CampaignStatusAsync(campaignId) == CampaignStatus.Completed, seconds);

    public static async Task<string> CampaignStatusAsync(this TestApp app, long campaignId)
    {
        await using var db = app.Database();
        return await db.Campaigns.Where(campaign => campaign.Id == campaignId).Select(campaign => campaign.Status).SingleAsync();
    }

    public static async Task<ScoreTracking.Data.Delivery?> DeliveryAsync(this TestApp app, long messageId)
    {
        await using var db = app.Database();
        return await db.Deliveries.SingleOrDefaultAsync(delivery => delivery.MessageId == messageId);
    }

    public static async Task<Message> MessageAsync(this TestApp app, long messageId)
    {
        await using var db = app.Database();
        return await db.Messages.SingleAsync(message => message.Id == messageId);
    }
}
