using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Delivery;

/// <summary>
/// What is on its way out, on disk: <c>outbox.db</c>. Before the first byte of a mail's content leaves, the mail is noted here, and noted
/// means fsynced; what came of it is written with whatever is noted next. So a crash leaves at most one mail per transport of which nobody
/// knows whether it went. One thread writes all that waits in one transaction.
/// </summary>
internal sealed partial class Outbox : IDisposable
{
    private const int MaxGroup = 2_000;
    private const int Deep = 3;
    private const int Gathering = 2;
    private const int Grouping = 1;
    private const int Awake = 0;

    // What nobody waits for is written with the next note, or by itself after so long.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(5);

    // A sync costs the same for one note as for those of all lanes: it is worth waiting for as many as came together before, about as long as it takes.
    private static readonly TimeSpan s_group = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(500);

    // After so long without mail what is spent is deleted.
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);

    private readonly OutboxFile _file;
    private readonly ILogger<Outbox> _logger;
    private readonly ConcurrentQueue<OutboxEntry> _waiting = new();
    private readonly Channel<AttemptOutcome> _told = Channel.CreateUnbounded<AttemptOutcome>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<OutboxEntry> _group = [];
    private readonly Thread _thread;
    private long _rows;
    private int _sleeping;
    private int _urgent;
    private int _expected;
    private volatile bool _stopping;

    public Outbox(IOptions<StorageOptions> storage, ILogger<Outbox> logger)
    {
        _file = new OutboxFile(storage.Value.PathOf("outbox.db"));
        _logger = logger;
        Left = _file.Read();
        _rows = _file.Attempts;
        _thread = new Thread(Run) { IsBackground = true, Name = "outbox" };
        _thread.Start();
    }

    /// <summary>What the last process left behind.</summary>
    public IReadOnlyList<AttemptOutcome> Left { get; }

    /// <summary>Outcomes that are on disk, in order: to be stored in the log.</summary>
    public ChannelReader<AttemptOutcome> Told => _told.Reader;

    /// <summary>Attempts whose end the log does not have yet.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Completes once it is on disk that these mails are about to leave.</summary>
    /// <exception cref="IOException">It is not: they must not leave.</exception>
    public Task NoteAsync(IEnumerable<Attempt> attempts, long at)
    {
        var noted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new OutboxEntry([.. attempts.Select(attempt => new AttemptOutcome(attempt, AttemptEnd.Open, at))], noted), urgent: true);
        return noted.Task;
    }

    /// <summary>Notes what came of an attempt; <see cref="Told"/> has it once that is on disk.</summary>
    public void Tell(AttemptOutcome outcome) => Add(new OutboxEntry([outcome], null), urgent: false);

    /// <summary>Forgets an attempt: the log has its end, or the mail never left.</summary>
    public void Remove(IEnumerable<Attempt> attempts) => Add(new OutboxEntry([.. attempts.Select(attempt => new AttemptOutcome(attempt, AttemptEnd.Open, 0))], null, IsRemoval: true), urgent: false);

    /// <summary>Forgets messages altogether and empties the WAL: nothing of them is left in the file.</summary>
    /// <returns>False where something kept it from that.</returns>
    public async Task<bool> ForgetAsync(IEnumerable<long> messageIds)
    {
        var forgotten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new OutboxEntry([], forgotten, Forgets: [.. messageIds]), urgent: true);
        try
        {
            await forgotten.Task;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Writes what still waits and ends the thread.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        _thread.Join();
        _file.Dispose();
        _wake.Dispose();
    }

    private void Add(OutboxEntry entry, bool urgent)
    {
        if (_stopping)
        {
            // What is not on disk is uncertain at the next start: true, if less than we know.
            entry.Done?.TrySetException(new IOException("The server is stopping."));
            return;
        }

        var notes = urgent ? Interlocked.Increment(ref _urgent) : 0;
        _waiting.Enqueue(entry);

        // As in Sleep: were the look at the sleeper to overtake the entry, neither would see the other.
        Interlocked.MemoryBarrier();
        if (Wakes(Volatile.Read(ref _sleeping), notes) && Interlocked.Exchange(ref _sleeping, Awake) != Awake)
        {
            _wake.Set();
        }
    }

    // Urgent entries that wait, this one counted; 0 where this one is not urgent.
    private bool Wakes(int sleeping, int notes) => sleeping switch
    {
        Deep => true,
        Gathering => notes > 0,
        Grouping => notes >= Volatile.Read(ref _expected),
        _ => false,
    };

    private void Run()
    {
        while (true)
        {
            if (_waiting.IsEmpty && _group.Count == 0)
            {
                if (_stopping)
                {
                    Tidy();
                    _told.Writer.TryComplete();
                    return;
                }

                if (!Sleep(Deep, _file.HasSpent ? s_idle : Timeout.InfiniteTimeSpan))
                {
                    Tidy();
                }

                continue;
            }

            if (Volatile.Read(ref _urgent) == 0 && !_stopping)
            {
                Sleep(Gathering, s_gather);
            }

            if (Volatile.Read(ref _urgent) > 0 && !_stopping)
            {
                Sleep(Grouping, s_group);
            }

            Collect();
            Write();
        }
    }

    // False where nobody woke it.
    private bool Sleep(int how, TimeSpan longest)
    {
        // A full fence: were the look at the queue to overtake it, a sender could see us awake and we an empty queue.
        Interlocked.Exchange(ref _sleeping, how);
        var missed = how == Deep ? !_waiting.IsEmpty : Volatile.Read(ref _urgent) >= (how == Gathering ? 1 : _expected);
        var isWoken = missed || _stopping || _wake.WaitOne(longest);
        Volatile.Write(ref _sleeping, Awake);
        return isWoken;
    }

    private void Collect()
    {
        var notes = 0;
        while (_group.Count < MaxGroup && _waiting.TryDequeue(out var entry))
        {
            _group.Add(entry);
            if (entry.Done is not null)
            {
                Interlocked.Decrement(ref _urgent);
                notes++;
            }
        }

        // As many as ever came together, and one less each time they do not.
        Volatile.Write(ref _expected, Math.Max(notes, _expected - 1));
    }

    private void Write()
    {
        try
        {
            _file.Write(_group);
        }
        catch (SqliteException exception)
        {
            LogNotWritten(_logger, exception, _group.Count);

            // A note must not wait: its mail has not left and may go another time. What happened must be kept.
            foreach (var entry in _group)
            {
                entry.Done?.TrySetException(new IOException("The outbox could not be written.", exception));
            }

            _group.RemoveAll(entry => entry.Done is not null);
            if (_stopping)
            {
                _group.Clear();
            }
            else
            {
                _wake.WaitOne(s_retry);
            }

            return;
        }

        Volatile.Write(ref _rows, _file.Attempts);
        foreach (var entry in _group)
        {
            if (entry.Forgets is null)
            {
                entry.Done?.TrySetResult();
            }
            else
            {
                Forget(entry.Forgets, entry.Done!);
            }

            if (entry is { Done: null, IsRemoval: false })
            {
                _told.Writer.TryWrite(entry.Outcomes[0]);
            }
        }

        _group.Clear();
        if (_file.IsLong)
        {
            Tidy();
        }
    }

    private void Tidy()
    {
        try
        {
            _file.Tidy();
        }
        catch (SqliteException exception)
        {
            LogNotWritten(_logger, exception, 0);
        }
    }

    private void Forget(IReadOnlyList<long> messageIds, TaskCompletionSource done)
    {
        try
        {
            _file.Forget(messageIds.ToHashSet());
            Volatile.Write(ref _rows, _file.Attempts);
            if (_file.Truncate())
            {
                done.TrySetResult();
                return;
            }
        }
        catch (SqliteException exception)
        {
            LogNotWritten(_logger, exception, 1);
        }

        done.TrySetException(new IOException("The outbox could not be emptied."));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The outbox could not be written; {Entries} entries are tried again, and no mail leaves without its note")]
    private static partial void LogNotWritten(ILogger logger, Exception exception, int entries);
}
