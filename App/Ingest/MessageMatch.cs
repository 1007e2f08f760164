using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>Finds the message an event belongs to: by our id, else the ESP's, else campaign and customer or address.</summary>
internal sealed class MessageMatch(WriteConnection connection)
{
    private readonly Statement _byEsp = connection.Prepare("SELECT id FROM messages WHERE esp_message_id = ?1 ORDER BY email = ?2 DESC, id LIMIT 1");
    private readonly Statement _byCustomer = connection.Prepare(
        "SELECT m.id FROM contacts c JOIN messages m ON m.campaign_id = ?1 AND m.contact_id = c.id WHERE c.customer_id = ?2");
    private readonly Statement _byEmail = connection.Prepare("SELECT id FROM messages WHERE campaign_id = ?1 AND email = ?2 ORDER BY id LIMIT 1");

    /// <returns>0 when nothing fits yet.</returns>
    public long Find(EmailEvent reported)
    {
        if (reported.MessageId != 0)
        {
            return reported.MessageId;
        }

        var found = reported.EspMessageId is { } esp ? _byEsp.Bind(1, esp).Bind(2, reported.CustomerEmail).Scalar() : null;
        if (found is null && reported.CampaignId != 0)
        {
            found = reported.CustomerId is { } customer ? _byCustomer.Bind(1, reported.CampaignId).Bind(2, customer).Scalar() : null;
            found ??= reported.CustomerEmail is { } email ? _byEmail.Bind(1, reported.CampaignId).Bind(2, email).Scalar() : null;
        }

        return found ?? 0;
    }
}
