using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>Messages that were not handed over for the same reason.</summary>
/// <param name="Code">Reply code; 0 where there was none.</param>
/// <param name="Status">"5.1.1"; empty where there was none.</param>
/// <param name="Text">What was said of one of them: for people who may see addresses.</param>
public sealed record SendFailure(int Code, string Status, string Text, long Messages);

/// <summary>How far a campaign is.</summary>
/// <param name="Waiting">Due now or later.</param>
/// <param name="Later">Of these, not due yet: deferred, or to be tried again.</param>
/// <param name="Uncertain">May be with the server or not; nobody sends them again but a person.</param>
/// <param name="Sent">Handed over.</param>
/// <param name="Failed">Refused for good, or given up.</param>
/// <param name="Withdrawn">Suppressed, without consent, or cancelled.</param>
/// <param name="PerSecond">Over the last ten seconds.</param>
/// <param name="Failures">The most frequent reasons, at most ten.</param>
public sealed record SendProgress(long Waiting, long Later, long Uncertain, long Sent, long Failed, long Withdrawn, double PerSecond, IReadOnlyList<SendFailure> Failures)
{
    /// <summary>Everything there is of it.</summary>
    public long Total => Waiting + Uncertain + Sent + Failed + Withdrawn;
}

/// <summary>What waits on a connection.</summary>
public sealed record ConnectionBacklog(LineStanding Standing, long Waiting, long Uncertain, double PerSecond);

/// <summary>Figures of what is being handed off. Live on <see cref="LiveTopic.Campaign"/> and <see cref="LiveTopic.Connection"/>.</summary>
internal sealed class SendProgressQuery(SendRates rates, Dispatcher dispatcher, TimeProvider time)
{
    private const int MostFailures = 10;

    public async Task<SendProgress> OfCampaignAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var waiting = db.Deliveries.Where(delivery => delivery.CampaignId == campaignId && delivery.State == DeliveryState.Waiting);
        var settled = db.Deliveries.Where(delivery => delivery.CampaignId == campaignId && delivery.State != DeliveryState.Waiting);
        var states = await settled.GroupBy(delivery => delivery.State).Select(group => new { group.Key, Messages = group.LongCount() }).ToDictionaryAsync(group => group.Key, group => group.Messages, cancellationToken);
        var failures = await settled.Where(delivery => delivery.State == DeliveryState.Failed)
            .GroupBy(delivery => new { delivery.Code, delivery.Status })
            .Select(group => new SendFailure(group.Key.Code, group.Key.Status, group.Max(delivery => delivery.Text)!, group.LongCount()))
            .ToListAsync(cancellationToken);
        var sent = await db.Counters.Where(counter => counter.CampaignId == campaignId && counter.Dimension == Dimension.Summary.Name && counter.Type == EventType.Sent)
            .SumAsync(counter => counter.Unique, cancellationToken);
        return new SendProgress(
            await waiting.LongCountAsync(cancellationToken),
            await waiting.LongCountAsync(delivery => delivery.NextAt > now, cancellationToken),
            states.GetValueOrDefault(DeliveryState.Uncertain),
            sent,
            states.GetValueOrDefault(DeliveryState.Failed),
            states.GetValueOrDefault(DeliveryState.Withdrawn),
            rates.Of(LiveTopic.Campaign(campaignId)),
            [.. failures.OrderByDescending(failure => failure.Messages).ThenBy(failure => failure.Code).Take(MostFailures)]);
    }

    public async Task<ConnectionBacklog> OfConnectionAsync(ScoreDb db, long connectionId, CancellationToken cancellationToken)
    {
        // By campaign, since that is how the queue is ordered.
        var campaigns = await db.Campaigns.Where(campaign => campaign.ConnectionId == connectionId && campaign.Delivery == "smtp").Select(campaign => campaign.Id).ToListAsync(cancellationToken);
        campaigns.Add(0);
        var (waiting, uncertain) = (0L, 0L);
        foreach (var campaignId in campaigns)
        {
            var of = db.Deliveries.Where(delivery => delivery.CampaignId == campaignId && delivery.ConnectionId == connectionId);
            waiting += await of.LongCountAsync(delivery => delivery.State == DeliveryState.Waiting, cancellationToken);
            uncertain += await of.LongCountAsync(delivery => delivery.State != DeliveryState.Waiting && delivery.State == DeliveryState.Uncertain, cancellationToken);
        }

        return new ConnectionBacklog(dispatcher.StandingOf(connectionId), waiting, uncertain, rates.Of(LiveTopic.Connection(connectionId)));
    }
}
