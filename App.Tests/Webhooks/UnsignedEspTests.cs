using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>ESPs that sign nothing: SparkPost, Brevo and Mailjet.</summary>
public sealed class UnsignedEspTests
{
    private const string Token = "a-long-bearer-token-of-our-own";

    [Theory, InlineData("sparkpost"), InlineData("brevo"), InlineData("mailjet")]
    public void They_open_by_basic_authentication_and_by_nothing_else(string provider)
    {
        Assert.Equal(AuthenticityKind.Genuine, Ask(provider, EspPayloads.With(basicAuth: true)));
        Assert.Equal(AuthenticityKind.Forged, Ask(provider, EspPayloads.With()));
        Assert.Equal(AuthenticityKind.Forged, Ask(provider, EspPayloads.With(), ("Authorization", "Basic dXNlcjpwYXNz"), ("Signature", "00"), ("X-Mandrill-Signature", "AA==")));
    }

    [Fact]
    public void Brevo_opens_by_its_bearer_token_and_during_a_rotation_by_the_old_one()
    {
        var connection = EspPayloads.With([("bearer_token", Token)], previous: [("bearer_token", "the-token-of-last-month")]);

        Assert.Equal(AuthenticityKind.Genuine, Ask("brevo", connection, ("Authorization", $"Bearer {Token}")));
        Assert.Equal(AuthenticityKind.Genuine, Ask("brevo", connection, ("authorization", $"bearer {Token}")));
        Assert.Equal(AuthenticityKind.Genuine, Ask("brevo", connection, ("Authorization", "Bearer the-token-of-last-month")));
    }

    [Fact]
    public void Brevo_opens_by_no_other_token()
    {
        var connection = EspPayloads.With([("bearer_token", Token)]);

        Assert.Equal(AuthenticityKind.Missing, Ask("brevo", connection));
        Assert.Equal(AuthenticityKind.Missing, Ask("brevo", connection, ("Authorization", Token)));
        Assert.Equal(AuthenticityKind.Missing, Ask("brevo", connection, ("Authorization", $"Basic {Token}")));
        Assert.All(WrongSignatures.Of(Token), forged => Assert.Equal(AuthenticityKind.Forged, Ask("brevo", connection, ("Authorization", $"Bearer {forged}"))));
        Assert.Equal(AuthenticityKind.Forged, Ask("brevo", EspPayloads.With([("bearer_token", "")]), ("Authorization", "Bearer ")));
    }

    private static AuthenticityKind Ask(string provider, EspConnection connection, params (string, string)[] headers) =>
        EspPayloads.Adapters[provider].Authenticate(new WebhookRequest("POST", EspPayloads.Headers(headers), Encoding.UTF8.GetBytes("[]")), connection, Some.Noon).Kind;
}
