using System.Data.Common;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using ScoreTracking.Auth;

namespace ScoreTracking.Reports.Streams;

/// <summary>
/// Who has a live connection: no more than the machine carries, and none that outlives its caller's right by more than
/// five seconds. One timer looks for all of them.
/// </summary>
internal sealed class StreamSeats(Callers callers, IOptions<StreamOptions> options, IOptions<AuthOptions> auth) : BackgroundService
{
    private readonly Lock _lock = new();
    private readonly HashSet<Seat> _taken = [];

    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken.Count;
            }
        }
    }

    /// <summary>Takes a seat until it is disposed, or says why there is none.</summary>
    /// <param name="end">Called, from any thread, once the caller may no longer listen.</param>
    public (Seat? Seat, SeatRefusal Refusal) Take(ClaimsPrincipal caller, Action end)
    {
        var seat = new Seat(this, caller, Callers.NameOf(caller), end);
        lock (_lock)
        {
            var refusal = RefusalOf(seat.Name);
            if (refusal != SeatRefusal.None)
            {
                return (null, refusal);
            }

            _taken.Add(seat);
            return (seat, SeatRefusal.None);
        }
    }

    /// <summary>Why a caller would not get a seat at this moment.</summary>
    public SeatRefusal RefusalOf(ClaimsPrincipal caller)
    {
        lock (_lock)
        {
            return RefusalOf(Callers.NameOf(caller));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(auth.Value.RevocationInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await EndWhoMayNoLongerAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops, and its streams with it.
        }
    }

    private async Task EndWhoMayNoLongerAsync(CancellationToken cancellationToken)
    {
        Seat[] seats;
        lock (_lock)
        {
            seats = [.. _taken];
        }

        // Seats of one caller stand and fall together.
        foreach (var same in seats.GroupBy(seat => seat.Caller))
        {
            try
            {
                if (await callers.AreStillAllowedAsync(same.Key, cancellationToken))
                {
                    continue;
                }
            }
            catch (DbException)
            {
                // Nobody knows at the moment: the next look will tell.
                continue;
            }

            foreach (var seat in same)
            {
                seat.End();
            }
        }
    }

    private SeatRefusal RefusalOf(string name) =>
        _taken.Count >= options.Value.MaxConnections ? SeatRefusal.Full
        : _taken.Count(other => other.Name == name) >= options.Value.MaxPerCaller ? SeatRefusal.TooMany
        : SeatRefusal.None;

    private void Leave(Seat seat)
    {
        lock (_lock)
        {
            _taken.Remove(seat);
        }
    }

    internal sealed class Seat(StreamSeats seats, ClaimsPrincipal caller, string name, Action end) : IDisposable
    {
        private readonly Lock _lock = new();
        private bool _left;

        public ClaimsPrincipal Caller { get; } = caller;

        public string Name { get; } = name;

        /// <summary>Ends the connection, unless it is gone already.</summary>
        public void End()
        {
            lock (_lock)
            {
                if (!_left)
                {
                    end();
                }
            }
        }

        public void Dispose()
        {
            seats.Leave(this);
            lock (_lock)
            {
                _left = true;
            }
        }
    }
}

/// <summary>Why a connection was not let in.</summary>
internal enum SeatRefusal
{
    None,

    /// <summary>The caller has enough: 429.</summary>
    TooMany,

    /// <summary>The server has enough: 503.</summary>
    Full,
}
