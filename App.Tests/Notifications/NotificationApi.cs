using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Ingest;
using ScoreTracking.Notifications;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Notifications;

/// <summary>Talks to the notifications API as a program outside would.</summary>
internal static class NotificationApi
{
    public const string Path = "/api/v1/notifications";

    /// <summary>Verdicts have no time to settle: what is stored is told.</summary>
    public static Dictionary<string, string> AtOnce => new() { ["Notifications:SettleFor"] = "00:00:00" };

    /// <summary>A copy of a mail to one person whose first open is to be told.</summary>
    public static async Task<JsonNode> GivenAskingAsync(this TestApp app, string to)
    {
        var mail = MailApi.Mail(to);
        mail["notify_first_open"] = true;
        return (await app.GivenMailAsync(mail))[0]!;
    }

    /// <summary>Waits until everything stored so far has been followed.</summary>
    public static Task FollowedAsync(this TestApp app)
    {
        var (notifier, last) = (app.Services.GetRequiredService<Notifier>(), app.Services.GetRequiredService<Inbox>().Last);
        return Eventually.TrueAsync(() => notifier.Position >= last);
    }

    /// <summary>What is told after everything stored so far, newest first.</summary>
    public static async Task<List<JsonNode>> NotificationsAsync(this TestApp app, string query = "")
    {
        await app.StoredAsync();
        await app.FollowedAsync();
        return [.. (await app.GetAsync(Path + query)).AsArray().Select(told => told!)];
    }

    /// <summary>The id of the administrator TestApp begins with.</summary>
    public static async Task<string> AdminAsync(this TestApp app) => (string)(await app.GetAsync($"{Path}/preferences"))[0]!["user_id"]!;

    public static async Task<string> GivenUserAsync(this TestApp app, string email, string role) =>
        (string)(await app.SendAsync(HttpMethod.Post, "/api/v1/users", new JsonObject { ["email"] = email, ["role"] = role }, HttpStatusCode.Created))["id"]!;

    public static Task<JsonNode> ChooseAsync(this TestApp app, string user, string change) =>
        app.SendAsync(HttpMethod.Patch, $"{Path}/preferences/{user}", JsonNode.Parse(change), HttpStatusCode.OK);
}
