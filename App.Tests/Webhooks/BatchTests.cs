using System.Text;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>What the payload files cannot show: sizes, orders, and bytes no file of ours would hold.</summary>
public sealed class BatchTests
{
    public static TheoryData<string, string, string, string, string> Batches => new()
    {
        { "sparkpost", "[", """{"msys":{"message_event":{"type":"delivery","event_id":"e#","timestamp":"1788250000","rcpt_to":"r#@example.com"}}}""", "]", """{"msys":{"message_event":{"type":"delivery","event_id":"bad","timestamp":"soon","rcpt_to":"bad@example.com"}}}""" },
        { "brevo", "[", """{"event":"delivered","email":"r#@example.com","message-id":"<m#>","ts_epoch":1788250000000}""", "]", """{"event":"delivered","email":"bad@example.com","ts_epoch":{}}""" },
        { "mailjet", "[", """{"event":"sent","email":"r#@example.com","MessageID":#,"time":1788250000}""", "]", """{"event":"sent","email":"bad@example.com","time":"1e400"}""" },
        { "mailtrap", """{"events":[""", """{"event":"delivery","event_id":"e#","email":"r#@example.com","timestamp":1788250000}""", "]}", """{"event":"delivery","email":"bad@example.com","timestamp":true}""" },
        { "smtp_com", "[", """{"id":"e#","event_label":"delivered","rcpt_to":"r#@example.com","time_finished":1788250000}""", "]", """{"event_label":"delivered","rcpt_to":"bad@example.com","time_finished":""}""" },
        { "unisender_go", """{"auth":"","events_by_user":[{"events":[""", """{"event_name":"transactional_email_status","event_data":{"job_id":"j#","email":"r#@example.com","status":"delivered","event_time":"2026-09-01 08:06:40"}}""", "]}]}", """{"event_name":"transactional_email_status","event_data":{"job_id":"j","email":"bad@example.com","status":"delivered","event_time":"noon"}}""" },
    };

    [Theory, MemberData(nameof(Batches))]
    public void A_thousand_events_with_a_bad_one_in_the_middle_cost_one(string provider, string open, string pattern, string close, string bad)
    {
        var body = open + string.Join(',', Enumerable.Range(0, 1_000).Select(i => i == 500 ? bad : pattern.Replace("#", $"{i}", StringComparison.Ordinal))) + close;

        var reading = Read(provider, body);

        Assert.Equal(999, reading.Events.Count);
        Assert.StartsWith("event 501: ", Assert.Single(reading.Unreadable!), StringComparison.Ordinal);
        Assert.Equal(999, reading.Events.Select(read => read.EventId).Distinct().Count());
        Assert.All(reading.Events, read => Assert.Equal(EventType.Delivered, read.Type));
    }

    [Theory, MemberData(nameof(Batches))]
    public void A_megabyte_for_an_address_costs_that_event_only(string provider, string open, string pattern, string close, string _)
    {
        var huge = pattern.Replace("r#@", new string('r', 1_000_000) + "@", StringComparison.Ordinal).Replace("#", "1", StringComparison.Ordinal);

        var reading = Read(provider, $"{open}{huge},{pattern.Replace("#", "2", StringComparison.Ordinal)}{close}");

        Assert.Equal("r2@example.com", Assert.Single(reading.Events).Recipient);
        Assert.Single(reading.Unreadable!);
    }

    [Theory, MemberData(nameof(Batches))]
    public void Half_a_surrogate_pair_costs_that_event_only(string provider, string open, string pattern, string close, string _)
    {
        var good = pattern.Replace("#", "2", StringComparison.Ordinal);
        var broken = good.Insert(good.LastIndexOf('{') + 1, "\"\\ud800\":\"\\udfff\",");

        var reading = Read(provider, $"{open}{broken},{good}{close}");

        Assert.Contains(reading.Events, read => read.Recipient == "r2@example.com");
    }

    [Fact]
    public void Mailjets_ids_are_past_what_a_double_holds_and_stay_whole() =>
        Assert.Equal("12345678901234567", Assert.Single(Read("mailjet", """{"event":"open","MessageID":12345678901234567,"time":1788250000}""").Events).EspMessageId);

    [Fact]
    public void Brevos_account_id_does_not_make_two_events_one()
    {
        var events = Read("brevo", """[{"id":26224,"event":"opened","email":"a@example.com","message-id":"<m>","ts_epoch":1788250000000},{"id":26224,"event":"opened","email":"a@example.com","message-id":"<m>","ts_epoch":1788250001000}]""").Events;

        Assert.NotEqual(events[0].EventId, events[1].EventId);
    }

    private static WebhookReading Read(string provider, string body) =>
        EspPayloads.Adapters[provider].Read(new WebhookRequest("POST", EspPayloads.Headers(), Encoding.UTF8.GetBytes(body)), EspPayloads.Connection, Some.Noon);
}
