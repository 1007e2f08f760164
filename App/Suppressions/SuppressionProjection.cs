using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Suppressions;

/// <summary>Puts the recipient of a message on the suppression list, in the transaction that stores the reason.</summary>
public sealed class SuppressionProjection(WriteConnection connection)
{
    // Whatever order the reasons arrive in, the earliest stays; at the same time the stronger one does.
    private readonly Statement _insert = connection.Prepare("""
        INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at)
        SELECT email, ?2, ?3, coalesce(campaign_id, 0), '', ?4 FROM messages WHERE id = ?1
        ON CONFLICT (email) DO UPDATE SET reason = excluded.reason, source = excluded.source, campaign_id = excluded.campaign_id, created_at = excluded.created_at
        WHERE excluded.created_at < suppressions.created_at
           OR (excluded.created_at = suppressions.created_at AND excluded.reason < suppressions.reason)
        """);

    public void Add(in StoredEvent stored)
    {
        if (SuppressionRules.ReasonFor(stored.Type, stored.Bounce) is { } reason)
        {
            _insert.Bind(1, stored.MessageId).Bind(2, reason).Bind(3, SuppressionRules.SourceFor(stored.Source)).Bind(4, stored.OccurredAt).Run();
        }
    }
}
