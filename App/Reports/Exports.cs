using System.Collections.Concurrent;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>How far a download is.</summary>
public enum ExportState
{
    /// <summary>Not asked for yet.</summary>
    Expected,
    Running,
    Done,

    /// <summary>Ended before its end: the browser stopped it, or reading failed.</summary>
    Stopped,
}

/// <param name="Total">By the counters; null where none knows.</param>
public sealed record ExportProgress(ExportState State, long Rows, long? Total);

/// <summary>
/// Runs exports: straight from the database into the response, so no file with addresses is left behind, and whoever stops the
/// download stops the reading. A page that offers one may watch it by a number it was given beforehand.
/// </summary>
internal sealed partial class Exports(SqliteFile main, LiveUpdates updates, ILogger<Exports> logger)
{
    /// <summary>At a time: each takes a good part of a core, and events want to be stored meanwhile.</summary>
    public const int MaxRunning = 4;

    private readonly ConcurrentDictionary<long, ExportProgress> _watched = new();
    private int _running;

    /// <summary>A number for a download to come, until it is forgotten.</summary>
    public long Expect()
    {
        var number = Random.Shared.NextInt64(1, long.MaxValue);
        _watched[number] = new ExportProgress(ExportState.Expected, 0, null);
        return number;
    }

    public void Forget(long number) => _watched.TryRemove(number, out _);

    /// <summary>Null for a number nobody expects.</summary>
    public ExportProgress? Find(long number) => _watched.GetValueOrDefault(number);

    /// <summary>Whether there is room for one more; then <see cref="RunAsync"/> must follow.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= MaxRunning)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    /// <summary>Writes everything a reader gives.</summary>
    /// <param name="what">For the log: what, of which campaign, for whom.</param>
    /// <param name="total">How many rows that will be, where known.</param>
    public async Task RunAsync(
        string what, Func<WriteConnection, ExportReader> open, Func<IReadOnlyList<ExportColumn>, IExportFile> begin, Stream output, long watch, long? total, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var state = ExportState.Stopped;
        try
        {
            Tell(watch, new ExportProgress(ExportState.Running, 0, total));
            using var connection = new WriteConnection(main.Path, "query_only=1", "wal_autocheckpoint=0", "temp_store=MEMORY", "cache_size=-8000");
            var reader = open(connection);
            using var file = begin(reader.Columns);
            while (reader.ReadChunk(file) is { } read)
            {
                await file.CopyToAsync(output, cancellationToken);
                rows += read;
                Tell(watch, new ExportProgress(ExportState.Running, rows, total));
            }

            await file.CopyToAsync(output, cancellationToken);
            state = ExportState.Done;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            LogExported(what, rows, state);
            Tell(watch, new ExportProgress(state, rows, total));
        }
    }

    // A number nobody expects is nobody's to fill memory with.
    private void Tell(long watch, ExportProgress progress)
    {
        if (_watched.TryGetValue(watch, out var before) && _watched.TryUpdate(watch, progress, before))
        {
            updates.Signal(LiveTopic.Export(watch));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Exported {What}: {Rows} rows, {State}")]
    private partial void LogExported(string what, long rows, ExportState state);
}
