using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Tracking;

/// <summary>Stores what people choose on the page behind the unsubscribe link: topics they want, and whether they may be tracked.</summary>
internal sealed class RecipientChoices(IDbContextFactory<ScoreDb> databases, LiveUpdates live, TimeProvider time)
{
    // In seconds. Someone waits for the page; after that they are asked to press again.
    private const int Patience = 5;

    /// <exception cref="System.Data.Common.DbException">Nothing was stored.</exception>
    public async Task SaveTopicsAsync(UnsubscribeRecipient recipient, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        var refused = Topics.Write(Topics.Choose(recipient.Refused, recipient.Topics, wanted));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Database.SetCommandTimeout(Patience);
        await db.Contacts.Where(contact => contact.Id == recipient.ContactId)
            .ExecuteUpdateAsync(set => set.SetProperty(contact => contact.RefusedTopics, refused), cancellationToken);
        Signal(recipient);
    }

    /// <param name="wording">What the person read when they chose.</param>
    /// <exception cref="System.Data.Common.DbException">Nothing was stored.</exception>
    public async Task SaveConsentAsync(UnsubscribeRecipient recipient, TrackingConsent answer, string wording, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Database.SetCommandTimeout(Patience);
        await db.Contacts.Where(contact => contact.Id == recipient.ContactId).ExecuteUpdateAsync(
            set => set.SetProperty(contact => contact.TrackingConsent, answer)
                .SetProperty(contact => contact.ConsentAt, now)
                .SetProperty(contact => contact.ConsentMethod, ConsentMethods.OwnChoice)
                .SetProperty(contact => contact.ConsentWording, wording),
            cancellationToken);
        Signal(recipient);
    }

    private void Signal(UnsubscribeRecipient recipient) => live.Signal([LiveTopic.Contact(recipient.ContactId), LiveTopic.Contacts]);
}
