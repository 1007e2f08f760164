using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Turns what an ESP said into an event of the log, with the marks that find its message.</summary>
internal static class EventTranslation
{
    // Where our own ids come back: as the ESP's custom arguments, or as headers it repeats.
    private static readonly string[] s_messageKeys = ["X-ST-Message-ID", "x_st_message_id", "st_message_id", "message_id"];
    private static readonly string[] s_campaignKeys = ["st_campaign_id", "campaign_id"];
    private static readonly string[] s_customerKeys = ["st_customer_id", "customer_id"];

    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static EmailEvent Translate(string provider, long connectionId, NormalisedEvent said, DateTimeOffset now)
    {
        PublicId.TryMessage(Correlated(said, s_messageKeys) ?? said.Tags.FirstOrDefault(tag => PublicId.TryMessage(tag, out _)), out var messageId);
        PublicId.TryCampaign(Correlated(said, s_campaignKeys) ?? said.Tags.FirstOrDefault(tag => PublicId.TryCampaign(tag, out _)), out var campaignId);
        return new EmailEvent
        {
            Type = said.Type,
            Source = EventSource.Webhook,
            OccurredAt = said.OccurredAt < s_earliest ? now : said.OccurredAt,
            ReceivedAt = now,
            SourceKey = $"{provider}:{said.EventId}",
            MessageId = messageId,
            CampaignId = campaignId,
            CustomerId = Correlated(said, s_customerKeys),
            CustomerEmail = said.Recipient,
            EspMessageId = said.EspMessageId,
            Url = said.Type == EventType.Clicked ? said.Url : null,
            Bounce = said.Bounce,
            Reason = said.Reason ?? said.RejectReason ?? said.MtaResponse,
            IpAddress = said.IpAddress,
            UserAgent = said.UserAgent,
            ConnectionId = connectionId,
            Normalised = JsonSerializer.Serialize(ReceivedAnswer.Of(said), ApiSetup.Json),
            KnownVerdict = !said.Machine ? Verdict.None : said.Type == EventType.Opened ? Verdict.Privacy : Verdict.Scanner,
            KnownReasons = said.Machine ? VerdictReasons.ReportedByEsp : VerdictReasons.None,
        };
    }

    private static string? Correlated(NormalisedEvent said, string[] names)
    {
        foreach (var name in names)
        {
            foreach (var (key, value) in said.Correlation)
            {
                if (string.Equals(key, name, StringComparison.OrdinalIgnoreCase) && value.Length > 0)
                {
                    return value;
                }
            }
        }

        return null;
    }
}

/// <summary>A bounce as the log of received events shows it.</summary>
internal sealed record ReceivedBounce(string Class, string? Status, string? Reason);

/// <summary>One received event, normalised: the part that does not depend on matching.</summary>
internal sealed record ReceivedAnswer(
    string EventType,
    string? Recipient,
    ReceivedBounce? Bounce,
    string? RejectReason,
    string? Reason,
    string? EspMessageId,
    string EventId,
    IReadOnlyDictionary<string, string> Correlation,
    IReadOnlyList<string> Tags,
    string? MtaResponse,
    string? Url,
    string? UserAgent,
    string? Ip,
    bool Machine,
    DateTimeOffset OccurredAt)
{
    public static ReceivedAnswer Of(NormalisedEvent said) => new(
        said.Type.Name(),
        said.Recipient,
        said.Type == Events.EventType.Bounced ? new ReceivedBounce(said.Bounce.Name(), said.Status, said.Reason) : null,
        said.RejectReason,
        said.Reason,
        said.EspMessageId,
        said.EventId,
        said.Correlation,
        said.Tags,
        said.MtaResponse,
        said.Url,
        said.UserAgent,
        said.IpAddress,
        said.Machine,
        said.OccurredAt);
}
