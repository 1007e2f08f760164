using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Makes connections to mail servers, and has them tried, as a program outside would.</summary>
internal static class RelayConnections
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A connection to a mail server on this machine.</summary>
    public static async Task<string> GivenRelayAsync(this TestApp app, int port, string security = "none", JsonObject? settings = null, string? password = null)
    {
        var all = settings ?? [];
        all["host"] = "localhost";
        all["port"] = port;
        all["security"] = security;
        var body = new JsonObject { ["name"] = "Relay", ["provider"] = "smtp", ["settings"] = all };
        if (password is not null)
        {
            body["secrets"] = new JsonObject { ["password"] = password };
        }

        if (security == "starttls" && password is not null)
        {
            all["authority_pem"] = SelfMadeCertificates.Roots[0].ExportCertificatePem();
        }

        var (status, said) = await app.PostConnectionAsync(body.ToJsonString());
        Assert.True(status == HttpStatusCode.Created, said.ToJsonString());
        return (string)said["data"]!["id"]!;
    }

    public static async Task<SendingConnection> SenderAsync(this TestApp app, string id)
    {
        PublicId.TryConnection(id, out var number);
        return (await app.Services.GetRequiredService<KnownConnections>().SenderAsync(number, Token))!;
    }

    public static async Task<(HttpStatusCode Status, JsonNode Said)> TestConnectionAsync(this TestApp app, string id, string to)
    {
        var answer = await app.Api.PostAsJsonAsync($"/api/v1/connections/{id}/actions/test", new { to }, Token);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!);
    }

    public static async Task<(HttpStatusCode Status, JsonNode Said)> PostConnectionAsync(this TestApp app, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await app.Api.PostAsync("/api/v1/connections", content, Token);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token))!);
    }
}
