using Microsoft.AspNetCore.SignalR;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Reports.Streams;

/// <summary>
/// <c>/hubs/live</c>: a program or a page calls <c>Watch(campaign_id)</c> and gets <c>Summary</c> messages, the first at once
/// and one after every change, at most two a second; <c>Unwatch(campaign_id)</c> ends them. Each call asks anew whether its
/// caller may still see reports.
/// </summary>
internal sealed class ReportHub(StreamSeats seats, Callers callers, LiveFeeds feeds, IHubContext<ReportHub> hub, TimeProvider clock, IDbContextFactory<ScoreDb> database) : Hub
{
    /// <summary>Campaigns one connection may watch at once.</summary>
    private const int MaxWatched = 50;

    public override async Task OnConnectedAsync()
    {
        var (seat, refusal) = seats.Take(Context.User!, Context.Abort);
        if (seat is null)
        {
            // The connection closes with this message.
            throw new HubException(refusal == SeatRefusal.TooMany ? "Too many live connections of this caller." : "All live connections of this server are taken.");
        }

        Watched.Seat = seat;
        await base.OnConnectedAsync();
    }

    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        Watched.Dispose();
        await base.OnDisconnectedAsync(exception);
    }

    /// <summary>Begins <c>Summary</c> messages about a campaign, counting all opens, with rates of sent.</summary>
    public Task Watch(string? campaignId) => WatchView(campaignId, opens: null, basis: null);

    /// <summary>The same with the report's switches: <c>all</c> or <c>confirmed</c> opens, rates of <c>sent</c> or <c>delivered</c>. Watching a campaign again replaces the first.</summary>
    public async Task WatchView(string? campaignId, string? opens, string? basis)
    {
        await MustStillBeAllowedAsync();
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        if (errors.Count > 0)
        {
            throw new HubException(string.Join("; ", errors.Select(error => $"{error.Key} {error.Value[0]}")));
        }

        await using var db = await database.CreateDbContextAsync(Context.ConnectionAborted);
        if (!PublicId.TryCampaign(campaignId, out var campaign) || !await db.Campaigns.AnyAsync(one => one.Id == campaign, Context.ConnectionAborted))
        {
            throw new HubException("There is no such campaign.");
        }

        var watched = Watched;
        if (!watched.MayAdd(campaign, MaxWatched))
        {
            throw new HubException($"One connection may watch {MaxWatched} campaigns.");
        }

        watched.Add(campaign, new HubWatch(feeds, SummaryQuery.Live(campaign, view, clock), hub.Clients.Client(Context.ConnectionId)));
    }

    /// <summary>Ends the messages about a campaign.</summary>
    public async Task Unwatch(string? campaignId)
    {
        await MustStillBeAllowedAsync();
        if (PublicId.TryCampaign(campaignId, out var campaign))
        {
            Watched.Remove(campaign);
        }
    }

    private HubWatches Watched
    {
        get
        {
            if (Context.Items.TryGetValue(typeof(HubWatches), out var watched))
            {
                return (HubWatches)watched!;
            }

            // Calls of one connection follow one another, so nobody else makes one meanwhile.
            var first = new HubWatches();
            Context.Items[typeof(HubWatches)] = first;
            return first;
        }
    }

    private async Task MustStillBeAllowedAsync()
    {
        if (!await callers.AreStillAllowedAsync(Context.User!, Context.ConnectionAborted))
        {
            Context.Abort();
            throw new HubException("This key was revoked, or the session has ended.");
        }
    }
}

/// <summary>What one connection watches.</summary>
internal sealed class HubWatches : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, HubWatch> _watches = [];
    private bool _ended;

    public IDisposable? Seat { get; set; }

    public bool MayAdd(long campaignId, int limit)
    {
        lock (_lock)
        {
            return _watches.ContainsKey(campaignId) || _watches.Count < limit;
        }
    }

    public void Add(long campaignId, HubWatch watch)
    {
        Remove(campaignId);
        lock (_lock)
        {
            if (!_ended)
            {
                _watches[campaignId] = watch;
                return;
            }
        }

        watch.Dispose();
    }

    public void Remove(long campaignId)
    {
        HubWatch? watch;
        lock (_lock)
        {
            _watches.Remove(campaignId, out watch);
        }

        watch?.Dispose();
    }

    public void Dispose()
    {
        List<HubWatch> watches;
        lock (_lock)
        {
            _ended = true;
            watches = [.. _watches.Values];
            _watches.Clear();
        }

        watches.ForEach(watch => watch.Dispose());
        Seat?.Dispose();
    }
}

/// <summary>Sends a campaign's summary to one connection: one message at a time, always the newest, so a slow listener gets fewer and nothing piles up.</summary>
internal sealed class HubWatch : IDisposable
{
    private readonly IClientProxy _client;
    private readonly LiveThrottle _sender;
    private readonly LiveWatch<Summary?> _watch;
    private long _sent;

    public HubWatch(LiveFeeds feeds, LiveQuery<Summary?> query, IClientProxy client)
    {
        _client = client;
        _sender = new LiveThrottle(SendAsync, _ => Task.CompletedTask);
        _watch = feeds.Watch(query, _sender.Signal);
        _sender.Signal();
    }

    public void Dispose()
    {
        _watch.Dispose();
        _sender.Dispose();
    }

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        // Null while the constructor still runs: it signals once more.
        if (_watch?.Current is not { HasValue: true, Value: { } summary } reading || reading.Number <= _sent)
        {
            return;
        }

        _sent = reading.Number;
        try
        {
            await _client.SendAsync("Summary", summary, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The connection is going; its end disposes this.
        }
    }
}
