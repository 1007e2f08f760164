using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Live;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>Steers a campaign once its content stands: when it starts, in which hours its mail may leave, pause, resume, cancel.</summary>
public sealed class CampaignControl(
    IDbContextFactory<ScoreDb> databases, CampaignStart starts, CampaignContents contents, CampaignLocks locks, SendingConnections connections, SendQueue queue, LiveUpdates live, TimeProvider clock)
{
    /// <summary>How far ahead a start can be planned.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(366);

    /// <summary>What withdrawn mail of a cancelled campaign says.</summary>
    internal const string Cancelled = "The campaign was cancelled.";

    /// <summary>Raised after a change of what starts when.</summary>
    internal event Action? Rescheduled;

    /// <summary>Starts it now. With hours, mail leaves only in them; without, those set before hold.</summary>
    public async Task<Outcome<CampaignAnswer>> SendAsync(long id, SendWindowBody? window, CancellationToken cancellationToken)
    {
        if (window is not null && (await WindowAsync(id, window, cancellationToken)).Refused is { } wrong)
        {
            return wrong;
        }

        return await starts.RunAsync(id, cancellationToken) is { } refused ? refused : await ReadAsync(id, cancellationToken);
    }

    /// <summary>Plans the start of a draft, or plans it anew.</summary>
    public async Task<Outcome<CampaignAnswer>> ScheduleAsync(long id, DateTimeOffset? at, SendWindowBody? window, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var now = clock.GetUtcNow();
        if (at is null)
        {
            errors.Add("at", "required: when it is to start");
        }
        else if (at <= now || at > now + MaxAhead)
        {
            errors.Add("at", at <= now ? "must be in the future" : "must be within a year");
        }

        var hours = window?.ToWindow(errors, "window");
        if (!errors.None)
        {
            return new Refusal.Faults(errors.ToDictionary());
        }

        return await ChangeAsync(id, async (db, campaign) =>
        {
            if (campaign.Status is not (CampaignStatus.Draft or CampaignStatus.Scheduled))
            {
                return new Refusal.State($"The campaign is {campaign.Status}: its start cannot be planned any more.");
            }

            if (hours is not null && campaign.ConnectionId == 0)
            {
                return OnlyOurs;
            }

            if (await ErrorAsync(db, campaign, cancellationToken) is { } error)
            {
                return error;
            }

            (campaign.Status, campaign.ScheduledAt, campaign.HeldBecause) = (CampaignStatus.Scheduled, at!.Value.ToUnixTimeMilliseconds(), "");
            campaign.SendWindow = SendWindowBody.Write(hours);
            return null;
        }, cancellationToken);
    }

    /// <summary>Makes a scheduled campaign a draft again.</summary>
    public Task<Outcome<CampaignAnswer>> UnscheduleAsync(long id, CancellationToken cancellationToken) => ChangeAsync(id, campaign =>
    {
        if (campaign.Status != CampaignStatus.Scheduled)
        {
            return new Refusal.State($"The campaign is {campaign.Status}: there is no schedule to take back.");
        }

        (campaign.Status, campaign.ScheduledAt, campaign.HeldBecause) = (CampaignStatus.Draft, 0, "");
        return null;
    }, cancellationToken);

    /// <summary>A person's word that a campaign whose time has passed is to start after all.</summary>
    public async Task<Outcome<CampaignAnswer>> ConfirmAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.Where(c => c.Id == id).Select(c => new { c.Status, c.HeldBecause }).FirstOrDefaultAsync(cancellationToken);
        return campaign switch
        {
            null => new Refusal.Missing("campaign"),
            { Status: not CampaignStatus.Scheduled } or { HeldBecause: "" } => new Refusal.State("The campaign waits for nobody's word."),
            _ => await SendAsync(id, null, cancellationToken),
        };
    }

    /// <summary>Changes the hours in which mail may leave; null for all.</summary>
    public Task<Outcome<CampaignAnswer>> WindowAsync(long id, SendWindowBody? window, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var hours = window?.ToWindow(errors, "window");
        return !errors.None
            ? Task.FromResult<Outcome<CampaignAnswer>>(new Refusal.Faults(errors.ToDictionary()))
            : ChangeAsync(id, campaign =>
            {
                if (campaign.ConnectionId == 0)
                {
                    return OnlyOurs;
                }

                if (campaign.Status is CampaignStatus.Completed or CampaignStatus.Cancelled or CampaignStatus.Failed)
                {
                    return new Refusal.State($"The campaign is {campaign.Status}: no more mail leaves.");
                }

                campaign.SendWindow = SendWindowBody.Write(hours);
                return null;
            }, cancellationToken);
    }

    public Task<Outcome<CampaignAnswer>> PauseAsync(long id, CancellationToken cancellationToken) =>
        MoveAsync(id, "paused", [CampaignStatus.Running, CampaignStatus.Testing], _ => CampaignStatus.Paused, cancellationToken);

    /// <summary>Goes on where it was paused, by a person or by itself; whatever held it no longer does.</summary>
    public Task<Outcome<CampaignAnswer>> ResumeAsync(long id, CancellationToken cancellationToken) =>
        MoveAsync(id, "resumed", [CampaignStatus.Paused], campaign => campaign is { TestEndsAt: > 0, Winner: < 0 } ? CampaignStatus.Testing : CampaignStatus.Running, cancellationToken);

    /// <summary>Ends it for good. What still waits is withdrawn; what is being handed over at this moment goes out.</summary>
    public async Task<Outcome<CampaignAnswer>> CancelAsync(long id, CancellationToken cancellationToken)
    {
        var cancelled = await MoveAsync(
            id, "cancelled", [CampaignStatus.Draft, CampaignStatus.Scheduled, CampaignStatus.Testing, CampaignStatus.Running, CampaignStatus.Paused], _ => CampaignStatus.Cancelled, cancellationToken);
        if (cancelled.Refused is null)
        {
            await queue.WithdrawAsync(id, Cancelled, cancellationToken);
        }

        return cancelled;
    }

    private static Refusal OnlyOurs => new Refusal.Faults("window", "only with delivery smtp: this server does not send the campaign's mail");

    private Task<Outcome<CampaignAnswer>> MoveAsync(long id, string done, string[] from, Func<Campaign, string> to, CancellationToken cancellationToken) =>
        ChangeAsync(id, campaign =>
        {
            if (!from.Contains(campaign.Status))
            {
                return new Refusal.State($"The campaign is {campaign.Status}: it cannot be {done}.");
            }

            campaign.Status = to(campaign);
            campaign.HeldBecause = "";
            campaign.CompletedAt = campaign.Status == CampaignStatus.Cancelled ? clock.GetUtcNow().ToUnixTimeMilliseconds() : 0;
            return null;
        }, cancellationToken);

    private Task<Outcome<CampaignAnswer>> ChangeAsync(long id, Func<Campaign, Refusal?> change, CancellationToken cancellationToken) =>
        ChangeAsync(id, (_, campaign) => Task.FromResult(change(campaign)), cancellationToken);

    private async Task<Outcome<CampaignAnswer>> ChangeAsync(long id, Func<ScoreDb, Campaign, Task<Refusal?>> change, CancellationToken cancellationToken)
    {
        using var held = await locks.HoldAsync(id, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.FirstOrDefaultAsync(c => c.Id == id, cancellationToken);
        if (campaign is null)
        {
            return new Refusal.Missing("campaign");
        }

        var before = campaign.Status;
        if (await change(db, campaign) is { } refused)
        {
            return refused;
        }

        // Only these columns, and only if nobody else moved it meanwhile: the queue completes campaigns without this lock.
        var changed = await db.Campaigns.Where(c => c.Id == id && c.Status == before).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Status, campaign.Status).SetProperty(c => c.ScheduledAt, campaign.ScheduledAt)
                .SetProperty(c => c.HeldBecause, campaign.HeldBecause).SetProperty(c => c.SendWindow, campaign.SendWindow)
                .SetProperty(c => c.CompletedAt, c => campaign.Status == before ? c.CompletedAt : campaign.CompletedAt),
            cancellationToken);
        queue.Wake();
        Rescheduled?.Invoke();
        live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
        return changed == 0
            ? new Refusal.State("The campaign was changed in the meantime: look again.")
            : await CampaignQuery.ReadAsync(db, campaign, cancellationToken);
    }

    // Recipients may still be added until it starts; what it says must stand.
    private async Task<Refusal?> ErrorAsync(ScoreDb db, Campaign campaign, CancellationToken cancellationToken)
    {
        var variants = await db.Variants.Where(v => v.CampaignId == campaign.Id).OrderBy(v => v.Position).ToListAsync(cancellationToken);
        try
        {
            if (campaign.ConnectionId == 0)
            {
                return null;
            }

            return !contents.Compile(campaign, variants).HasBody ? new Refusal.Faults("content", "the campaign has neither HTML nor text")
                : await connections.ErrorAsync(campaign.ConnectionId, cancellationToken) is { } error ? new Refusal.Faults("connection_id", error)
                : null;
        }
        catch (MailTemplateException refused)
        {
            return new Refusal.Faults("content.html", refused.Message);
        }
    }

    private async Task<Outcome<CampaignAnswer>> ReadAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        Rescheduled?.Invoke();
        return await CampaignQuery.FindAsync(db, id, cancellationToken) is { } campaign ? campaign : new Refusal.Missing("campaign");
    }
}
