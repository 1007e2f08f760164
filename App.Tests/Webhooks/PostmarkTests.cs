using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class PostmarkTests
{
    private static readonly PostmarkWebhook s_adapter = new();

    [Fact]
    public void Basic_authentication_is_all_there_is_and_without_it_the_connection_is_closed()
    {
        var request = EspPayloads.Request("postmark/delivery.json");

        Assert.True(s_adapter.Shape.BasicAuthSuffices);
        Assert.Equal(AuthenticityKind.Genuine, s_adapter.Authenticate(request, EspPayloads.With(basicAuth: true), Some.Noon).Kind);
        Assert.Equal(AuthenticityKind.Forged, s_adapter.Authenticate(request, EspPayloads.With(), Some.Noon).Kind);
    }

    [Fact]
    public void Bounce_and_complaint_of_one_message_are_two_events()
    {
        var bounce = Id("""{"RecordType":"Bounce","ID":42,"Type":"HardBounce","MessageID":"m"}""");

        Assert.Equal(bounce, Id("""{"RecordType":"Bounce","ID":42,"Type":"HardBounce","MessageID":"m","Details":"said again"}"""));
        Assert.NotEqual(bounce, Id("""{"RecordType":"SpamComplaint","ID":42,"Type":"SpamComplaint","MessageID":"m"}"""));
        Assert.NotEqual(bounce, Id("""{"RecordType":"Bounce","ID":43,"Type":"HardBounce","MessageID":"m"}"""));
    }

    [Theory, InlineData("HardBounce"), InlineData("SpamComplaint")]
    public void What_bounce_and_subscription_change_both_say_is_one_event(string kind)
    {
        var bounce = Id($$"""{"RecordType":"Bounce","ID":42,"Type":"{{kind}}","MessageID":"m","Email":"ann@example.com","BouncedAt":"2026-09-01T10:00:00Z"}""");

        Assert.Equal(bounce, Id($$"""{"RecordType":"SubscriptionChange","SuppressSending":true,"SuppressionReason":"{{kind}}","MessageID":"m","Recipient":"Ann@example.com","ChangedAt":"2026-09-01T10:00:02Z"}"""));
        Assert.NotEqual(bounce, Id($$"""{"RecordType":"Bounce","ID":42,"Type":"{{kind}}","MessageID":"m2","Email":"ann@example.com","BouncedAt":"2026-09-01T10:00:00Z"}"""));
        Assert.NotEqual(bounce, Id($$"""{"RecordType":"Bounce","ID":42,"Type":"{{kind}}","MessageID":"m","Email":"bob@example.com","BouncedAt":"2026-09-01T10:00:00Z"}"""));
    }

    [Fact]
    public void Two_clicks_at_one_time_on_two_links_are_two_events() => Assert.NotEqual(
        Id("""{"RecordType":"Click","MessageID":"m","ReceivedAt":"2026-09-01T10:00:00Z","OriginalLink":"https://example.com/a"}"""),
        Id("""{"RecordType":"Click","MessageID":"m","ReceivedAt":"2026-09-01T10:00:00Z","OriginalLink":"https://example.com/b"}"""));

    private static string Id(string body) => s_adapter.Read(Forgeries.Post(body), EspPayloads.With(basicAuth: true), Some.Noon).Events.Single().EventId;
}
