using Microsoft.Extensions.Options;
using ScoreTracking.Events;
using ScoreTracking.Settings;

namespace ScoreTracking.Ingest;

/// <summary>Who goes first and who is refused first. A lane's number is its rank.</summary>
public enum Lane
{
    /// <summary>Unsubscribes and complaints.</summary>
    Unsubscribe = 0,

    /// <summary>Webhooks and the API.</summary>
    Report = 1,
    Click = 2,
    Open = 3,
}

/// <summary>The event is not on disk. Ask the sender to retry.</summary>
public sealed class EventNotStoredException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The only door into the log: a report is accepted once it is in the inbox, on disk.</summary>
/// <param name="filtering">Null ignores no network: for a program that fills an inbox by itself.</param>
public sealed class EventIntake(Inbox inbox, IOptions<IngestOptions> options, Filtering? filtering = null)
{
    // Only those who cannot be asked to come back at once wait for room.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim[] _room =
    [
        new(options.Value.UnsubscribeLane), new(options.Value.ReportLane), new(options.Value.ClickLane), new(options.Value.OpenLane),
    ];

    private readonly long[] _refused = new long[Enum.GetValues<Lane>().Length];

    /// <summary>Requests of a lane that were told no since the start.</summary>
    public long Refused(Lane lane) => Interlocked.Read(ref _refused[(int)lane]);

    /// <summary>Hands over one event and completes once it is on disk.</summary>
    /// <returns>Its position in the log.</returns>
    /// <exception cref="EventNotStoredException">It could not be written, or too much is waiting already.</exception>
    public Task<long> StoreAsync(EmailEvent reported, Lane lane, CancellationToken cancellationToken) =>
        StoreAsync([EventCodec.Write(Judged(reported))], lane, cancellationToken);

    /// <summary>Hands over events that belong together: all or none of them are on disk afterwards.</summary>
    /// <returns>The position of the last.</returns>
    /// <exception cref="EventNotStoredException">They could not be written, or too much is waiting already.</exception>
    public Task<long> StoreAsync(IReadOnlyCollection<EmailEvent> reported, Lane lane, CancellationToken cancellationToken) =>
        StoreAsync(reported.Select(one => EventCodec.Write(Judged(one))).ToArray(), lane, cancellationToken);

    // Here, where the address is known and the time is that of the hit: networks ignored later change nothing stored before.
    private EmailEvent Judged(EmailEvent reported) =>
        reported.Type.IsHit() && reported.KnownVerdict != Verdict.Self && filtering?.Ignored.Contain(reported.IpAddress) == true
            ? reported with { KnownVerdict = Verdict.Self, KnownReasons = VerdictReasons.IgnoredNetwork }
            : reported;

    private async Task<long> StoreAsync(byte[][] payloads, Lane lane, CancellationToken cancellationToken)
    {
        try
        {
            return await AppendAsync(payloads, lane, cancellationToken);
        }
        catch (EventNotStoredException)
        {
            Interlocked.Increment(ref _refused[(int)lane]);
            throw;
        }
    }

    private async Task<long> AppendAsync(byte[][] payloads, Lane lane, CancellationToken cancellationToken)
    {
        var sheds = lane is Lane.Click or Lane.Open;
        if (sheds && inbox.Backlog > options.Value.MaxBacklog)
        {
            throw new EventNotStoredException("The store is too far behind.");
        }

        var room = _room[(int)lane];
        if (!(sheds ? room.Wait(0, CancellationToken.None) : await room.WaitAsync(s_patience, cancellationToken)))
        {
            throw new EventNotStoredException("Too many events are waiting.");
        }

        try
        {
            return await inbox.AppendAsync(payloads, lane);
        }
        finally
        {
            room.Release();
        }
    }
}
