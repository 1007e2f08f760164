using Microsoft.Data.Sqlite;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>How it ended to send a campaign to one more person.</summary>
public enum EntryEnd
{
    /// <summary>The mail is on its way: queued where we hand it over, made for them where others do.</summary>
    Sent,

    /// <summary>The campaign had them before: nobody gets it twice.</summary>
    AlreadySent,

    /// <summary>Not now: the campaign is paused, or their mail depends on a test that has not ended.</summary>
    Later,

    /// <summary>Nothing was sent, for a reason of the person's.</summary>
    LeftOut,

    /// <summary>Nothing can be sent, for a reason of the campaign's.</summary>
    Impossible,
}

/// <param name="MessageId">Theirs in this campaign; 0 without one.</param>
/// <param name="WasThere">The message was not made just now: it had to wait, or the caller did not ask for the first time.</param>
/// <param name="IsExternal">Others hand it over.</param>
/// <param name="Because">Where somebody was left out a word: the reason of a suppression, or one of those below. Where nothing can be sent a sentence.</param>
internal readonly record struct Entry(EntryEnd End, long MessageId = 0, bool IsExternal = false, bool WasThere = false, string Because = "")
{
    /// <summary>There is no such contact any more.</summary>
    public const string Deleted = "deleted";
}

/// <summary>
/// Sends a running campaign to one person more, within a transaction of the caller's: as <see cref="RecipientWriter"/> adds somebody,
/// and as <see cref="CampaignMails"/> and <see cref="Instrumentation"/> decide on their mail.
/// </summary>
internal sealed class RecipientEntry(ErasedPeople erased, HeldUnsubscribes held, CampaignContents contents, MailRenderer renderer, TimeProvider clock)
{
    private const string Contact = """
        SELECT c.email, c.customer_id, c.tracking_consent, c.refused_topics, s.reason FROM contacts c LEFT JOIN suppressions s ON s.email = c.email
        WHERE c.id = $1 AND c.deleted_at = 0
        """;

    private const string Message = """
        SELECT m.id, m.email, s.variant, s.withheld, m.created_at FROM messages m JOIN message_state s ON s.message_id = m.id
        WHERE m.campaign_id = $1 AND m.contact_id = $2
        """;

    /// <param name="commands">Statements of the transaction.</param>
    /// <param name="since">Unix milliseconds when the caller first wanted it: a message made since is the caller's own, and waited.</param>
    public Entry Send(PreparedCommands commands, SqliteTransaction transaction, long campaignId, long contactId, long since)
    {
        // Its statements are the caller's, who disposes of them.
        var sql = new RecipientSql(commands, erased);
        if (sql.ReadCampaign(transaction, campaignId) is not { } campaign)
        {
            return new Entry(EntryEnd.Impossible, Because: "The campaign was deleted.");
        }

        var external = campaign.ConnectionId == 0;
        var (found, madeAt) = FindMessage(sql, campaignId, contactId);
        if (found is { Id: > 0, Variant: >= 0 })
        {
            return new Entry(madeAt < since ? EntryEnd.AlreadySent : EntryEnd.Sent, found.Id, external, WasThere: true);
        }

        if (FindPerson(sql, contactId) is not { } person)
        {
            return new Entry(EntryEnd.LeftOut, found.Id, external, Because: Entry.Deleted);
        }

        if (LeftOut(sql, campaign, person) is { } leftOut)
        {
            return new Entry(EntryEnd.LeftOut, found.Id, external, Because: leftOut);
        }

        return campaign.Status switch
        {
            CampaignStatus.Running or CampaignStatus.Testing => Add(sql, transaction, campaign, contactId, person, found),
            CampaignStatus.Paused => new Entry(EntryEnd.Later, found.Id, external),
            _ => new Entry(EntryEnd.Impossible, found.Id, external, Because: $"The campaign is {campaign.Status}."),
        };
    }

    private Entry Add(RecipientSql sql, SqliteTransaction transaction, RecipientCampaign campaign, long contactId, in Person person, in FoundMessage found)
    {
        var external = campaign.ConnectionId == 0;
        var order = VariantSplit.Order(campaign.Seed, person.CustomerId, found.Id > 0 ? found.Email : person.Email);
        var variant = campaign.Split!.Next(order, asked: external);
        var now = clock.GetUtcNow();
        var messageId = found.Id;
        if (messageId == 0)
        {
            messageId = sql.InsertMessage(campaign.Id, contactId, person.Email, now.ToUnixTimeMilliseconds());
            sql.InsertState(messageId, campaign.Id, variant, person.Email);
        }
        else if (variant >= 0)
        {
            sql.UpdateStateVariant(messageId, variant);
        }

        if (variant < 0)
        {
            return new Entry(EntryEnd.Later, messageId, external);
        }

        campaign.Split.Save(sql, campaign.Id);
        if (external)
        {
            Track(sql, campaign.Id, new Written(null, Added: true, messageId, variant, ContactRow.NoData, person.Consent, person.CustomerId, found.Withheld));
        }
        else
        {
            // Whether it is tracked is decided when it is written.
            SendQueue.Enqueue(transaction.Connection!, transaction, campaign.Id, campaign.ConnectionId, now, [messageId]);
        }

        return new Entry(EntryEnd.Sent, messageId, external, WasThere: found.Id > 0);
    }

    private void Track(RecipientSql sql, long campaignId, in Written written)
    {
        // Compiled when the campaign was opened, and once more after a restart. Links of a running campaign have their ids, so nothing is written.
        var content = contents.GetAsync(campaignId, CancellationToken.None).GetAwaiter().GetResult();
        var (wanted, withheld) = renderer.Tracking(content, written, own: null);
        sql.MarkTracked(campaignId, [(written, wanted && !withheld, withheld)]);
    }

    private string? LeftOut(RecipientSql sql, RecipientCampaign campaign, in Person person) =>
        person.SuppressedFor
        ?? held.ReasonFor(person.Email)
        ?? (sql.Command("SELECT 1 FROM erased_people WHERE hash = $1", erased.HashOf(person.Email)).ExecuteScalar() is null ? null : SuppressionLookup.ErasedReason)
        ?? (Topics.AllRefused(campaign.Topics, Topics.Read(person.RefusedTopics)) ? Written.TopicsRefused : null);

    private static Person? FindPerson(RecipientSql sql, long contactId)
    {
        using var row = sql.Command(Contact, contactId).ExecuteReader();
        return row.Read()
            ? new Person(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), (TrackingConsent)row.GetInt64(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4))
            : null;
    }

    private static (FoundMessage Message, long MadeAt) FindMessage(RecipientSql sql, long campaignId, long contactId)
    {
        using var row = sql.Command(Message, campaignId, contactId).ExecuteReader();
        return row.Read() ? (new FoundMessage(row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetBoolean(3)), row.GetInt64(4)) : default;
    }

    private readonly record struct Person(string Email, string? CustomerId, TrackingConsent Consent, string RefusedTopics, string? SuppressedFor);
}
