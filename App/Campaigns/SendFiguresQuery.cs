using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Campaigns;

/// <summary>How far a campaign we hand off is.</summary>
/// <param name="Recipients">Everybody in it.</param>
/// <param name="Queued">Messages that still wait, Later included.</param>
/// <param name="Later">Of those, how many were tried and are tried again.</param>
/// <param name="NextAt">When the first of them is due; null without one.</param>
/// <param name="Uncertain">May be with the server or not: a person decides.</param>
public sealed record SendFigures(
    long Recipients, long Sent, long Queued, long Later, DateTimeOffset? NextAt, long Failed, long Withdrawn, long Uncertain, IReadOnlyList<SendFailure> Failures)
{
    /// <summary>Messages handed over a second, over the last ten.</summary>
    public double PerSecond { get; init; }

    /// <summary>Messages of which nothing more is to be expected.</summary>
    public long Done => Sent + Failed + Withdrawn + Uncertain;

    /// <summary>Everything that is, or was, to go out so far.</summary>
    public long All => Done + Queued;
}

/// <summary>Messages that failed, or wait for another attempt, for the same reason.</summary>
/// <param name="Status">Enhanced status, else the reply code, else "".</param>
/// <param name="Text">One server's words for it. May quote an address.</param>
/// <param name="Again">They are tried again.</param>
public sealed record SendFailure(DeliveryState State, bool Again, string Status, long Messages, string Text);

public static class SendFiguresQuery
{
    private const int Failures = 20;

    public static async Task<SendFigures> RunAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var rows = db.Deliveries.Where(d => d.CampaignId == campaignId);
        var states = await rows.GroupBy(d => d.State).Select(group => new { group.Key, Count = group.LongCount() }).ToDictionaryAsync(group => group.Key, group => group.Count, cancellationToken);
        var waiting = rows.Where(d => d.State == DeliveryState.Waiting);
        var later = await waiting.LongCountAsync(d => d.Attempts > 0, cancellationToken);
        var next = await waiting.MinAsync(d => (long?)d.NextAt, cancellationToken);
        var sent = await db.Counters
            .Where(c => c.CampaignId == campaignId && c.Dimension == Dimension.Summary.Name && c.Type == EventType.Sent && c.Verdict == VerdictGroup.None)
            .Select(c => c.Unique).FirstOrDefaultAsync(cancellationToken);
        var failures = await rows.Where(d => d.State != DeliveryState.Waiting || d.Attempts > 0)
            .GroupBy(d => new { d.State, d.Code, d.Status })
            .Select(group => new { group.Key, Count = group.LongCount(), Text = group.Min(d => d.Text) })
            .OrderByDescending(group => group.Count).Take(Failures)
            .ToListAsync(cancellationToken);
        return new SendFigures(
            await db.Messages.LongCountAsync(m => m.CampaignId == campaignId, cancellationToken),
            sent,
            Count(DeliveryState.Waiting),
            later,
            next is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(next.Value),
            Count(DeliveryState.Failed),
            Count(DeliveryState.Withdrawn),
            Count(DeliveryState.Uncertain),
            [.. failures.Select(failure => new SendFailure(
                failure.Key.State, failure.Key.State == DeliveryState.Waiting, failure.Key.Status.Length > 0 ? failure.Key.Status : failure.Key.Code > 0 ? $"{failure.Key.Code}" : "",
                failure.Count, failure.Text ?? ""))]);

        long Count(DeliveryState state) => states.GetValueOrDefault(state);
    }
}
