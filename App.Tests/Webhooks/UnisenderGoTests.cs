using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Connections;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class UnisenderGoTests
{
    private const string Key = "6ed8kxyzabcdefghij1234567890";

    private static readonly UnisenderGoWebhook s_adapter = new();

    // Raw letters beside escaped ones: signed is what was sent, not what it means.
    private static readonly string s_template = """{ "project":"a\/b", "auth" : "AUTH", "events_by_user":[{"events":[{"event_name":"transactional_email_status","event_data":{"job_id":"j","email":"zo\u00eb@exämple.com","status":"sent","auth":"inner"}}]}]}""";

    [Fact]
    public void The_MD5_of_the_body_with_the_key_in_place_of_auth_opens_and_during_a_rotation_the_old_key_too()
    {
        Assert.Equal(AuthenticityKind.Genuine, Ask(EspPayloads.With([("api_key", Key)]), Signed(Key)));
        Assert.Equal(AuthenticityKind.Genuine, Ask(EspPayloads.With([("api_key", Key)], previous: [("api_key", "old-key-of-the-project")]), Signed("old-key-of-the-project")));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("api_key", Key)]), Signed("old-key-of-the-project")));
    }

    [Fact]
    public void A_changed_byte_anywhere_closes()
    {
        var connection = EspPayloads.With([("api_key", Key)], basicAuth: true);

        Assert.All(WrongSignatures.OfBody(Signed(Key)), body => Assert.Equal(AuthenticityKind.Forged, Ask(connection, body)));
    }

    [Fact]
    public void An_auth_that_is_no_MD5_opens_nothing()
    {
        var genuine = Auth(Key);
        var values = WrongSignatures.Of(genuine).Select(forged => $"\"{forged}\"").Concat(["null", "0", "false", "[]", "{}", $"[\"{genuine}\"]", $"{{\"auth\":\"{genuine}\"}}", $"\"\\u00{(int)genuine[0]:x2}{genuine[1..]}\"", "\" \"", "\":\"", "\"{\""]);

        Assert.All(values, value => Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("api_key", Key)]), Encoding.UTF8.GetBytes(s_template.Replace("\"AUTH\"", value, StringComparison.Ordinal)))));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("api_key", Key)]), Encoding.UTF8.GetBytes(s_template.Replace("\"auth\" : \"AUTH\", ", "", StringComparison.Ordinal))));
    }

    [Fact]
    public void Two_auths_open_nothing()
    {
        var twice = Signed(Key, s_template[..^1] + ",\"auth\":\"0123456789abcdef0123456789abcdef\"}");

        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("api_key", Key)]), twice));
    }

    [Theory, InlineData(""), InlineData("   ")]
    public void A_connection_without_key_opens_for_nobody(string key)
    {
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With(), Signed("")));
        Assert.Equal(AuthenticityKind.Forged, Ask(EspPayloads.With([("api_key", key)], basicAuth: true), Signed(key)));
    }

    [Fact]
    public void A_GET_at_set_up_is_answered_and_reports_nothing()
    {
        var request = new WebhookRequest("GET", EspPayloads.Headers(), Signed(Key));

        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(request, EspPayloads.With(), Some.Noon).Kind);
        Assert.Empty(s_adapter.Read(request, EspPayloads.With(), Some.Noon).Events);
    }

    private static byte[] Signed(string key, string? template = null) =>
        Encoding.UTF8.GetBytes((template ?? s_template).Replace("AUTH", Auth(key, template), StringComparison.Ordinal));

#pragma warning disable CA5351 // What Unisender Go uses.
    private static string Auth(string key, string? template = null) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes((template ?? s_template).Replace("AUTH", key, StringComparison.Ordinal))));
#pragma warning restore CA5351

    private static AuthenticityKind Ask(EspConnection connection, byte[] body) =>
        s_adapter.Authenticate(new WebhookRequest("POST", EspPayloads.Headers(), body), connection, Some.Noon).Kind;
}
