using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Privacy;

/// <summary>What came of a wish to be erased.</summary>
internal enum ErasureOutcome
{
    /// <summary>Nothing of the person is left.</summary>
    Done,

    /// <summary>Noted on disk; it goes on, over a restart too.</summary>
    Accepted,
    NoSuchPerson,
}

/// <summary>
/// Erases people: out of the log and the lists in one transaction of the event writer, then out of everything else, then out
/// of the files themselves, whose old pages are overwritten and whose WALs are emptied. Noted before it begins, so that a crash
/// delays it and nothing more. Figures stay what they are.
/// </summary>
internal sealed partial class Erasures(
    IDbContextFactory<ScoreDb> databases, EventWriter writer, Inbox inbox, Outbox outbox, TraceSearch search, LiveUpdates live, TimeProvider clock, ILogger<Erasures> logger) : BackgroundService
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_beforeRetry = TimeSpan.FromMilliseconds(250);

    private readonly Channel<bool> _waiting = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<long, TaskCompletionSource> _finished = new();

    /// <summary>Erases a person and waits a few seconds for the end of it.</summary>
    /// <param name="by">Who asked: "user 3".</param>
    public async Task<ErasureOutcome> EraseAsync(long contactId, string by, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Contacts.AnyAsync(c => c.Id == contactId && c.Email != "", cancellationToken))
        {
            return ErasureOutcome.NoSuchPerson;
        }

        var erasure = new Erasure { ContactId = contactId, RequestedBy = by, RequestedAt = clock.GetUtcNow(), Traces = "" };
        db.Erasures.Add(erasure);
        await db.SaveChangesAsync(cancellationToken);
        var finished = _finished.GetOrAdd(erasure.Id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _waiting.Writer.TryWrite(true);
        try
        {
            // It may have been done before anybody waited for it.
            if (await db.Erasures.AnyAsync(e => e.Id == erasure.Id && e.FinishedAt != 0, cancellationToken))
            {
                return ErasureOutcome.Done;
            }

            await finished.Task.WaitAsync(s_patience, cancellationToken);
            return ErasureOutcome.Done;
        }
        catch (TimeoutException)
        {
            return ErasureOutcome.Accepted;
        }
        finally
        {
            _finished.TryRemove(erasure.Id, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start of the server does not wait for what a stop left unfinished.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await NextAsync(stoppingToken) is { } erasure)
                {
                    await RunAsync(erasure, stoppingToken);
                }
                else
                {
                    await _waiting.Reader.ReadAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is SqliteException or EventNotStoredException or DbUpdateException)
            {
                // Busy or disk full: it goes on where it was.
                LogRetried(exception);
                await Task.Delay(s_beforeRetry, stoppingToken);
            }
        }
    }

    private async Task<Erasure?> NextAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Erasures.Where(e => e.FinishedAt == 0).OrderBy(e => e.Id).FirstOrDefaultAsync(cancellationToken);
    }

    private async Task RunAsync(Erasure erasure, CancellationToken cancellationToken)
    {
        // What was answered before counts as it would have.
        await writer.ReachedAsync(inbox.Last).WaitAsync(cancellationToken);
        var traces = await writer.BetweenBatchesAsync(store => store.Erase(erasure.Id, erasure.ContactId, clock.GetUtcNow()))
            ?? (erasure.Traces.Length > 0 ? JsonSerializer.Deserialize<PersonTraces>(erasure.Traces) : null);
        live.Signal([LiveTopic.Contact(erasure.ContactId), LiveTopic.Contacts, LiveTopic.Suppressions, .. (traces?.Messages ?? []).Select(LiveTopic.Message)]);
        if (traces is not null)
        {
            await search.RunAsync(traces, cancellationToken);
            await NoteAsync(erasure.Id, finishedAt: 0, cancellationToken);
        }

        while (!await writer.TruncateAsync().WaitAsync(cancellationToken) || !await inbox.TruncateAsync().WaitAsync(cancellationToken)
            || !await outbox.ForgetAsync(traces?.Messages ?? []).WaitAsync(cancellationToken))
        {
            // Somebody is reading what was there before.
            await Task.Delay(s_beforeRetry, cancellationToken);
        }

        await NoteAsync(erasure.Id, clock.GetUtcNow().ToUnixTimeMilliseconds(), cancellationToken);
        LogErased(erasure.ContactId, erasure.RequestedBy, traces?.Messages.Count ?? 0);
        if (_finished.TryGetValue(erasure.Id, out var finished))
        {
            finished.TrySetResult();
        }
    }

    private async Task NoteAsync(long id, long finishedAt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Erasures.Where(e => e.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.Traces, "").SetProperty(e => e.FinishedAt, finishedAt), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An erasure was interrupted and goes on.")]
    private partial void LogRetried(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "Contact {ContactId} was erased for {RequestedBy}, with {Messages} messages.")]
    private partial void LogErased(long contactId, string requestedBy, int messages);
}
