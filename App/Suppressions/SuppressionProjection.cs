using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>Puts recipients on the suppression list and takes them off it again, in the transaction that stores the reason. Whatever order events arrive in, the list ends the same.</summary>
public sealed class SuppressionProjection
{
    private readonly SuppressionRows _rows;
    private readonly StreakRows _streaks;
    private readonly Statement _recipient;
    private readonly HashSet<long> _contacts = [];

    public SuppressionProjection(WriteConnection connection)
    {
        _rows = new SuppressionRows(connection);
        _streaks = new StreakRows(connection, _rows);
        _recipient = connection.Prepare("SELECT email, contact_id, coalesce(campaign_id, 0) FROM messages WHERE id = ?1");
    }

    /// <summary>Whether the list changed since <see cref="Begin"/>.</summary>
    public bool Changed { get; private set; }

    public void Begin()
    {
        Changed = false;
        _contacts.Clear();
    }

    /// <summary>Takes in what one event says by itself.</summary>
    public void Add(in StoredEvent stored)
    {
        if (SuppressionRules.ReasonFor(stored.Type, stored.Bounce) is not { } reason || Recipient(stored.MessageId) is not { } recipient)
        {
            return;
        }

        Changed |= _rows.Add(new SuppressionGround(
            recipient.Email, reason, SuppressionRules.SourceFor(stored.Source), recipient.CampaignId, stored.MessageId, "", stored.OccurredAt, stored.Id));
    }

    /// <summary>Notes a message whose news may begin, end or undo a streak of soft bounces; looked at by <see cref="Settle"/>.</summary>
    /// <param name="before">The message before its news.</param>
    /// <param name="refused">The news had a bounce or a deferral: even where it changes no state, its words or its source may matter.</param>
    public void Note(in StreakMark before, MessageState state, bool refused)
    {
        var after = StreakMark.Of(state);
        if ((before != after || refused) && (before.MayBeSoft || after.MayBeSoft || state.Watched) && Recipient(state.MessageId) is { } recipient)
        {
            _contacts.Add(recipient.ContactId);
        }
    }

    /// <summary>Once all messages of a batch have their news: each contact is read once.</summary>
    public void Settle()
    {
        if (_contacts.Count == 0)
        {
            return;
        }

        var limit = _streaks.Limit;
        foreach (var contactId in _contacts)
        {
            Changed |= _streaks.Settle(contactId, limit);
        }

        _contacts.Clear();
    }

    private (string Email, long ContactId, long CampaignId)? Recipient(long messageId)
    {
        (string, long, long)? found = _recipient.Bind(1, messageId).Step() ? (_recipient.Text(0), _recipient.Number(1), _recipient.Number(2)) : null;
        _recipient.Reset();

        // An erased recipient has no address left, and nothing is known of them any more.
        return found is { Item1.Length: > 0 } ? found : null;
    }
}

/// <summary>What of a message's state a streak of soft bounces looks at.</summary>
public readonly record struct StreakMark(BounceKind Bounce, long BouncedAt, long SentAt, long ProcessedAt, bool Delivered, bool Confirmed, bool Stopped)
{
    public static StreakMark Of(MessageState state) => new(
        state.Bounce, state.BouncedAt, state.SentAt, state.ProcessedAt, state.DeliveredAt > 0, state.ConfirmedAt > 0, state.DeferredAt + state.DroppedAt > 0);

    /// <summary>Blocked counts too: our own, after days of deferrals, is as good as a soft bounce.</summary>
    public bool MayBeSoft => Bounce is BounceKind.Soft or BounceKind.Block;
}
