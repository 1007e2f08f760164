using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Reads and writes a message's state on a connection of the ingest path.</summary>
public static class MessageStateRow
{
    /// <summary>The columns <see cref="Read"/> expects, in order.</summary>
    public const string Columns = """
        message_id, campaign_id, variant, status, tracked, processed_at, sent_at, delivered_at, deferred_at, dropped_at, bounced_at, bounce,
        opened_at, confirmed_at, open_inferred, clicked_at, complained_at, unsubscribed_at, replied_at, opens, confirmed_opens, clicks,
        last_at, last_open_at, last_click_at, provider, swept, consent, contact_id, erased, watched
        """;

    /// <summary>Updates what events change; the parameters are those of <see cref="Bind"/>.</summary>
    public const string Update = """
        UPDATE message_state SET status = ?2, processed_at = ?3, sent_at = ?4, delivered_at = ?5, deferred_at = ?6, dropped_at = ?7,
            bounced_at = ?8, bounce = ?9, opened_at = ?10, confirmed_at = ?11, open_inferred = ?12, clicked_at = ?13, complained_at = ?14,
            unsubscribed_at = ?15, replied_at = ?16, opens = ?17, confirmed_opens = ?18, clicks = ?19, last_at = ?20, last_open_at = ?21, last_click_at = ?22, swept = ?23
        WHERE message_id = ?1
        """;

    /// <summary>
    /// Updates what opens and clicks change; the parameters are those of <see cref="Bind"/>, of which it leaves some out. An
    /// update rewrites every index whose columns it names, changed or not, and the index of what waits for delivery is none of a hit's business.
    /// </summary>
    public const string UpdateHits = """
        UPDATE message_state SET status = ?2, opened_at = ?10, confirmed_at = ?11, open_inferred = ?12, clicked_at = ?13,
            opens = ?17, confirmed_opens = ?18, clicks = ?19, last_at = ?20, last_open_at = ?21, last_click_at = ?22, swept = ?23
        WHERE message_id = ?1
        """;

    /// <summary>Everything <see cref="UpdateHits"/> leaves alone.</summary>
    public static (long, long, long, long, long, long, BounceKind, long, long, long) BesideHits(MessageState state) =>
        (state.ProcessedAt, state.SentAt, state.DeliveredAt, state.DeferredAt, state.DroppedAt, state.BouncedAt, state.Bounce,
            state.ComplainedAt, state.UnsubscribedAt, state.RepliedAt);

    public static MessageState Read(Statement row) => new()
    {
        MessageId = row.Number(0),
        CampaignId = row.Number(1),
        Variant = (int)row.Number(2),
        Status = (MessageStatus)row.Number(3),
        Tracked = row.Number(4) != 0,
        ProcessedAt = row.Number(5),
        SentAt = row.Number(6),
        DeliveredAt = row.Number(7),
        DeferredAt = row.Number(8),
        DroppedAt = row.Number(9),
        BouncedAt = row.Number(10),
        Bounce = (BounceKind)row.Number(11),
        OpenedAt = row.Number(12),
        ConfirmedAt = row.Number(13),
        OpenInferred = row.Number(14) != 0,
        ClickedAt = row.Number(15),
        ComplainedAt = row.Number(16),
        UnsubscribedAt = row.Number(17),
        RepliedAt = row.Number(18),
        Opens = (int)row.Number(19),
        ConfirmedOpens = (int)row.Number(20),
        Clicks = (int)row.Number(21),
        LastAt = row.Number(22),
        LastOpenAt = row.Number(23),
        LastClickAt = row.Number(24),
        Provider = (int)row.Number(25),
        Swept = row.Number(26) != 0,
        Consent = (TrackingConsent)row.Number(27),
        ContactId = row.Number(28),
        Erased = row.Number(29) != 0,
        Watched = row.Number(30) != 0,
    };

    public static Statement Bind(Statement update, MessageState state) => update
        .Bind(1, state.MessageId).Bind(2, (long)state.Status).Bind(3, state.ProcessedAt).Bind(4, state.SentAt).Bind(5, state.DeliveredAt)
        .Bind(6, state.DeferredAt).Bind(7, state.DroppedAt).Bind(8, state.BouncedAt).Bind(9, (long)state.Bounce).Bind(10, state.OpenedAt)
        .Bind(11, state.ConfirmedAt).Bind(12, state.OpenInferred ? 1 : 0).Bind(13, state.ClickedAt).Bind(14, state.ComplainedAt)
        .Bind(15, state.UnsubscribedAt).Bind(16, state.RepliedAt).Bind(17, state.Opens).Bind(18, state.ConfirmedOpens).Bind(19, state.Clicks)
        .Bind(20, state.LastAt).Bind(21, state.LastOpenAt).Bind(22, state.LastClickAt).Bind(23, state.Swept ? 1 : 0);

    /// <summary>The same message before anything happened to it.</summary>
    public static MessageState Untouched(MessageState state) => new()
    {
        MessageId = state.MessageId,
        CampaignId = state.CampaignId,
        Variant = state.Variant,
        Tracked = state.Tracked,
        Provider = state.Provider,
        Consent = state.Consent,
        ContactId = state.ContactId,
        Erased = state.Erased,
        Watched = state.Watched,
    };

    /// <summary>Whether two states say the same about what happened.</summary>
    public static bool Same(MessageState a, MessageState b) =>
        (a.Status, a.ProcessedAt, a.SentAt, a.DeliveredAt, a.DeferredAt, a.DroppedAt, a.BouncedAt, a.Bounce) ==
        (b.Status, b.ProcessedAt, b.SentAt, b.DeliveredAt, b.DeferredAt, b.DroppedAt, b.BouncedAt, b.Bounce)
        && (a.OpenedAt, a.ConfirmedAt, a.OpenInferred, a.ClickedAt, a.ComplainedAt, a.UnsubscribedAt, a.RepliedAt) ==
        (b.OpenedAt, b.ConfirmedAt, b.OpenInferred, b.ClickedAt, b.ComplainedAt, b.UnsubscribedAt, b.RepliedAt)
        && (a.Opens, a.ConfirmedOpens, a.Clicks, a.LastAt, a.LastOpenAt, a.LastClickAt, a.Swept) ==
        (b.Opens, b.ConfirmedOpens, b.Clicks, b.LastAt, b.LastOpenAt, b.LastClickAt, b.Swept);

    /// <summary>For people who look for a difference.</summary>
    public static string Describe(MessageState state) =>
        $"{state.Status}, {state.Opens} opens ({state.ConfirmedOpens} confirmed), {state.Clicks} clicks, opened {state.OpenedAt}, confirmed {state.ConfirmedAt}, clicked {state.ClickedAt}, bounced {state.BouncedAt} {state.Bounce}, last {state.LastAt}/{state.LastOpenAt}/{state.LastClickAt}";
}
