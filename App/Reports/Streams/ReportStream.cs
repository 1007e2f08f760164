using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Reports.Streams;

/// <summary>
/// One campaign's report as server-sent events, until the listener leaves: the summary at once and after every change, and
/// what the log gained meanwhile. Each event carries the position reached in the log, so that a listener who comes back
/// with it misses nothing and hears nothing twice.
/// </summary>
internal sealed class ReportStream(
    PipeWriter output, LiveFeeds feeds, LiveUpdates updates, IDbContextFactory<ScoreDb> database, TimeProvider clock, StreamOptions options, long campaignId, ReportView view)
{
    /// <summary>One who comes back after a long time gets this many updates of <see cref="CatchUpEvents"/> in full before the rest is only counted.</summary>
    private const int CatchUps = 20;
    private const int CatchUpEvents = 500;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // The listener's browser waits this long before it comes back.
    private static readonly byte[] s_start = "retry: 2000\n\n"u8.ToArray();
    private static readonly byte[] s_heartbeat = ": still here\n\n"u8.ToArray();

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private LiveWatch<Summary?>? _summary;
    private LiveWatch<Activity>? _activity;
    private long _summaryShown;
    private long? _position;
    private long _cameAt;
    private bool _behind;
    private bool _isFailing;
    private bool _wrote;

    /// <param name="from">Position to go on from; null begins with what happens from now on.</param>
    public async Task RunAsync(long? from, CancellationToken cancellationToken)
    {
        _position = from;
        _behind = from is not null;
        _cameAt = clock.GetTimestamp();
        using var summary = _summary = feeds.Watch(SummaryQuery.Live(campaignId, view, clock), Wake);
        using var activity = _activity = feeds.Watch(ActivityQuery.Live(campaignId, options.MaxActivity), Wake);
        Write(s_start);
        while (await WriteNewsAsync(cancellationToken))
        {
            var isFailing = _isFailing || summary.Current?.Failure is not null || activity.Current?.Failure is not null;
            if (!await NewsAsync(isFailing ? s_retry : options.Heartbeat, cancellationToken) && isFailing)
            {
                summary.Retry();
                activity.Retry();
                _isFailing = false;
            }
        }
    }

    /// <summary>A position as it stands behind <c>id:</c>, of the form of an event's id.</summary>
    public static string Text(long position) => string.Create(CultureInfo.InvariantCulture, $"evt_{position}");

    /// <summary>Reads what <see cref="Text"/> wrote. Unlike an event's id it may be 0: a log without events has an end too.</summary>
    public static bool TryRead(string text, out long position)
    {
        position = 0;
        return text.StartsWith("evt_", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }

    private void Wake() => _news.Writer.TryWrite(true);

    /// <returns>False after a silence of that length.</returns>
    private async Task<bool> NewsAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        waiting.CancelAfter(patience);
        try
        {
            return await _news.Reader.ReadAsync(waiting.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Write(s_heartbeat);
            return false;
        }
    }

    /// <returns>False when the campaign is gone.</returns>
    private async Task<bool> WriteNewsAsync(CancellationToken cancellationToken)
    {
        // The position comes from the first look at the log's end: before it there is no id to give.
        if (_activity!.Current is { HasValue: true, Value: { } activity } read)
        {
            _position = Math.Min(_position ?? activity.To, activity.To);
            if (_summary!.Current is { HasValue: true } summary && summary.Number > _summaryShown)
            {
                _summaryShown = summary.Number;
                if (summary.Value is not { } figures)
                {
                    return false;
                }

                WriteEvent("summary"u8, SummaryJson.Of(figures));
            }

            try
            {
                await WriteActivityAsync(activity, cancellationToken);

                // Only a look at the log that began after the listener came shows all that happened before.
                _behind = _behind && read.BegunAt < _cameAt;
            }
            catch (DbException exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The position stays where it is: with the next update, or in a second, it goes on from there.
                updates.ReadFailed(exception, LiveTopic.Campaign(campaignId));
                _isFailing = true;
            }
        }

        if (_wrote)
        {
            _wrote = false;
            await output.FlushAsync(cancellationToken);
        }

        return true;
    }

    private async Task WriteActivityAsync(Activity shared, CancellationToken cancellationToken)
    {
        // One who comes back is owed everything, the others of a burst only its newest.
        if (_position == shared.From && !(_behind && shared.Skipped > 0))
        {
            WriteActivity(shared);
        }
        else if (_position < shared.To)
        {
            // Not where the others are: just come back, or too slow for the last update.
            await using var db = await database.CreateDbContextAsync(cancellationToken);
            for (var update = 0; _behind && update < CatchUps && _position < shared.To; update++)
            {
                WriteActivity(await ActivityQuery.NextAsync(db, campaignId, _position.Value, shared.To, CatchUpEvents, cancellationToken));
                await output.FlushAsync(cancellationToken);
            }

            WriteActivity(await ActivityQuery.BetweenAsync(db, campaignId, _position.Value, shared.To, options.MaxActivity, cancellationToken));
        }
    }

    private void WriteActivity(Activity activity)
    {
        _position = activity.To;
        if (activity.Events.Count > 0)
        {
            WriteEvent("activity"u8, activity.Json);
        }
    }

    private void WriteEvent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        Write("event: "u8);
        Write(name);
        Write("\nid: "u8);
        Write(Encoding.ASCII.GetBytes(Text(_position!.Value)));
        Write("\ndata: "u8);
        Write(json);
        Write("\n\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _wrote = true;
    }
}
