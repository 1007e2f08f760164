using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Delivery;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>Connections to ESPs that can send.</summary>
internal static class EspConnections
{
    private const string Basic = """ "basic_auth":{"user":"scoretracking","password":"long enough"} """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<string> GivenEspAsync(this TestApp app, string provider)
    {
        using var body = new StringContent(Body(provider), Encoding.UTF8, "application/json");
        var answer = await app.Api.PostAsync("/api/v1/connections", body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, text);
        var data = JsonNode.Parse(text)!["data"]!;
        Assert.True((bool)data["can_send"]!);
        return (string)data["id"]!;
    }

    /// <summary>What hands mail to such an ESP.</summary>
    public static async Task<ITransport> OpenEspAsync(this TestApp app, string provider)
    {
        PublicId.TryConnection(await app.GivenEspAsync(provider), out var id);
        var sender = await app.Services.GetRequiredService<KnownConnections>().SenderAsync(id, Token);
        return app.Services.GetRequiredService<Transports>().Open(sender!);
    }

    private static string Body(string provider) => provider switch
    {
        "sendgrid" => """{"name":"S","provider":"sendgrid","secrets":{"api_key":"SG.key"}}""",
        "mailgun" => """{"name":"M","provider":"mailgun","secrets":{"signing_key":"signing-key","api_key":"key-1"},"settings":{"domain":"mg.acme.example"}}""",
        "postmark" => $$"""{"name":"P","provider":"postmark","secrets":{"server_token":"token-1"},{{Basic}}}""",
        "amazon_ses" => """{"name":"A","provider":"amazon_ses","secrets":{"access_key_id":"AKIDEXAMPLE","secret_access_key":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},"settings":{"topic_arn":"arn:aws:sns:eu-west-1:123456789012:mail-events","region":"eu-west-1"}}""",
        "sparkpost" => $$"""{"name":"P","provider":"sparkpost","secrets":{"api_key":"sp-key"},{{Basic}}}""",
        _ => throw new ArgumentOutOfRangeException(nameof(provider)),
    };
}
