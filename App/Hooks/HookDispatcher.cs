using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>Delivers what waits: a lane of its own for each enabled webhook, so that a slow or dead endpoint delays nobody else.</summary>
internal sealed partial class HookDispatcher(
    KnownHooks hooks, HookSender sender, HookOutcomes outcomes, IEnumerable<IHookContent> contents, IDbContextFactory<ScoreDb> databases, LiveUpdates updates, TimeProvider time, IOptions<HookOptions> options, ILogger<HookDispatcher> logger)
    : BackgroundService
{
    private const int Batch = 64;

    // The wall clock may be moved, and is looked at again this often while something waits for its time.
    private static readonly TimeSpan s_nap = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longNap = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, Lane> _lanes = [];
    private readonly Channel<bool> _changed = NewBell();

    /// <summary>Something new waits for a webhook.</summary>
    public void Wake(long hookId)
    {
        if (_lanes.TryGetValue(hookId, out var lane))
        {
            lane.Wake();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        hooks.Changed += Look;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await AlignAsync(stoppingToken);
                await SleepAsync(_changed, s_longNap, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
        finally
        {
            hooks.Changed -= Look;
            await Task.WhenAll(_lanes.Values.Select(lane => lane.DisposeAsync().AsTask()));
        }
    }

    private void Look() => _changed.Writer.TryWrite(true);

    // A lane holds its hook as it was: one that changed gets another lane, once the first has ended.
    private async Task AlignAsync(CancellationToken stoppingToken)
    {
        try
        {
            var enabled = hooks.Enabled.ToDictionary(hook => hook.Id);
            foreach (var (id, lane) in _lanes)
            {
                if (!enabled.TryGetValue(id, out var hook) || !ReferenceEquals(hook, lane.Hook))
                {
                    _lanes.TryRemove(id, out _);
                    await lane.DisposeAsync();
                }
            }

            foreach (var (id, hook) in enabled)
            {
                if (!_lanes.ContainsKey(id))
                {
                    _lanes[id] = new Lane(hook, lane => RunAsync(lane), stoppingToken);
                }
            }
        }
        catch (Microsoft.Data.Sqlite.SqliteException exception)
        {
            LogRetry(exception);
        }
    }

    private async Task RunAsync(Lane lane)
    {
        try
        {
            while (true)
            {
                await lane.SleepAsync(await NapAsync(lane));
            }
        }
        catch (OperationCanceledException) when (lane.Stopping.IsCancellationRequested)
        {
            // What was under way is sent again by whoever comes next, under the same id.
        }
    }

    // Delivers all that is due; returns how long nothing more will be, unless woken.
    private async Task<TimeSpan> NapAsync(Lane lane)
    {
        try
        {
            while (await DeliverAsync(lane) > 0)
            {
            }

            return await outcomes.AnyWaitsAsync(lane.Hook.Id, lane.Stopping) ? s_nap : s_longNap;
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or IOException)
        {
            LogRetry(exception);
            return s_nap;
        }
        catch (Exception exception) when (!lane.Stopping.IsCancellationRequested)
        {
            // One endpoint's mishap must end neither its lane nor the program.
            LogFailed(exception, Api.PublicId.Hook(lane.Hook.Id));
            return s_longNap;
        }
    }

    private async Task<int> DeliverAsync(Lane lane)
    {
        await using var db = await databases.CreateDbContextAsync(lane.Stopping);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var hookId = lane.Hook.Id;
        var due = await db.HookDeliveries.Where(delivery => delivery.HookId == hookId && delivery.NextAt > 0 && delivery.NextAt <= now)
            .OrderBy(delivery => delivery.NextAt).ThenBy(delivery => delivery.Id).Take(Batch).ToListAsync(lane.Stopping);
        if (due.Count == 0)
        {
            return 0;
        }

        var done = new ConcurrentBag<(HookDelivery, HookOutcome)>();
        try
        {
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallel, CancellationToken = lane.Stopping }, async (delivery, token) =>
                done.Add((delivery, await SendAsync(lane.Hook, delivery, token))));
        }
        finally
        {
            // Not cancelled: what was sent was sent, and must be known even while stopping.
            if (await outcomes.RecordAsync(hookId, [.. done], CancellationToken.None))
            {
                hooks.Refresh();
            }
        }

        updates.Signal([LiveTopic.Hook(hookId), LiveTopic.Hooks]);
        return due.Count;
    }

    private async Task<HookOutcome> SendAsync(KnownHook hook, HookDelivery delivery, CancellationToken cancellationToken)
    {
        var content = contents.FirstOrDefault(one => one.Type == delivery.Type) is { } writer
            ? await writer.WriteAsync(delivery.MessageId, cancellationToken)
            : await EventAsync(delivery, cancellationToken);
        return content.Body is { } body ? await sender.SendAsync(hook, HookPayload.IdOf(delivery), body, cancellationToken) : HookOutcome.Void(content.Because);
    }

    private async Task<HookContent> EventAsync(HookDelivery delivery, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return new HookContent(await HookPayload.OfAsync(db, delivery.Type, delivery.EventId, cancellationToken), "The event is no longer kept");
    }

    private static Channel<bool> NewBell() => Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private static async Task SleepAsync(Channel<bool> bell, TimeSpan longest, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(longest);
        try
        {
            await bell.Reader.ReadAsync(enough.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Slept enough.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Outbound webhooks could not read or write the database and try again")]
    private partial void LogRetry(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Deliveries of the outbound webhook {Id} failed unexpectedly and are tried again in a minute")]
    private partial void LogFailed(Exception exception, string id);

    private sealed class Lane : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly Channel<bool> _bell = NewBell();
        private readonly Task _run;

        public Lane(KnownHook hook, Func<Lane, Task> run, CancellationToken stoppingToken)
        {
            Hook = hook;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Stopping = _stop.Token;
            _run = Task.Run(() => run(this), CancellationToken.None); // Ends by Stopping.
        }

        public KnownHook Hook { get; }

        public CancellationToken Stopping { get; }

        public void Wake() => _bell.Writer.TryWrite(true);

        public Task SleepAsync(TimeSpan longest) => HookDispatcher.SleepAsync(_bell, longest, Stopping);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _run;
            _stop.Dispose();
        }
    }
}
