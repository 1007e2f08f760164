using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ScoreTracking.Data;

/// <summary>
/// Who writes to a database next: within this process, first come, first served. SQLite's own lock goes to whoever asks in the
/// moment it is free, and one who takes it again and again keeps all others out until their patience ends. A turn is a place in
/// line and nothing that is held: who writes inside a transaction waits for nobody, and whoever gives up leaves nothing behind.
/// </summary>
public sealed class WriteTurns
{
    /// <summary>Longest wait for the write lock; then SQLite says that the database is locked.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Also how long the next in line leaves the lock to the one before. Not everybody tells when the lock is free again: another process never does.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(1);

    private static readonly BusyHandler s_onBusy = OnBusy;

    // SQLite asks again on the thread it asked before.
    [ThreadStatic]
    private static Turn? t_turn;

    private readonly Lock _lock = new();
    private readonly List<Turn> _line = [];
    private readonly nint _self;
    private long _lastNumber;
    private int _waiting;

    // Never freed: pooled connections outlive whoever opened them, and there is one for each database file.
    public WriteTurns() => _self = GCHandle.ToIntPtr(GCHandle.Alloc(this));

    private delegate int BusyHandler(nint turns, int tries);

    /// <summary>How many wait.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Has every statement of a connection that finds the database locked wait here, instead of looking now and then.</summary>
    internal void Serve(sqlite3 connection)
    {
        if (SetBusyHandler(connection, s_onBusy, _self) is not raw.SQLITE_OK and var code)
        {
            throw new SqliteException("The connection takes no busy handler.", code);
        }
    }

    /// <summary>Before a write transaction: waits behind those who came earlier. Free while nobody waits. <see cref="Begun"/> must follow on the same thread.</summary>
    /// <exception cref="SqliteException">Its patience ended while others were still before it.</exception>
    internal void Await(CancellationToken cancellationToken)
    {
        if (Waiting == 0)
        {
            return;
        }

        // Keeps its thread even where the caller could do without: were the first in line to wait for a thread of the pool,
        // and all of those waiting behind it, nobody would move.
        var turn = new Turn { Asked = true };
        Enter(turn);
        try
        {
            while (!IsFirst(turn))
            {
                if (turn.Left == TimeSpan.Zero)
                {
                    throw new SqliteException("Others have been writing to the database for too long.", raw.SQLITE_BUSY);
                }

                turn.Called.Wait(turn.Left, cancellationToken);
            }

            turn.Called.Wait(s_look, cancellationToken);
        }
        finally
        {
            Leave(turn);
        }

        t_turn = turn;
    }

    /// <summary>The transaction has begun, or failed to.</summary>
    internal static void Begun() => t_turn = null;

    /// <summary>The write lock is free: spares the next in line a look.</summary>
    internal void Released()
    {
        if (Waiting == 0)
        {
            return;
        }

        lock (_lock)
        {
            CallFirst();
        }
    }

    private static int OnBusy(nint turns, int tries) => ((WriteTurns)GCHandle.FromIntPtr(turns).Target!).Wait(tries) ? 1 : 0;

    // True: try once more. Who tries has left the line, because nobody is told that it worked; who fails comes back to where it stood.
    private bool Wait(int tries)
    {
        var turn = t_turn is { } known && (tries > 0 || known.Asked) ? known : t_turn = new Turn();
        Enter(turn);
        TimeSpan left;
        while ((left = turn.Left) > TimeSpan.Zero && !IsFirst(turn))
        {
            turn.Called.Wait(left);
        }

        if (left > TimeSpan.Zero)
        {
            turn.Called.Wait(s_look);
        }

        Leave(turn);
        return left > TimeSpan.Zero;
    }

    private void Enter(Turn turn)
    {
        lock (_lock)
        {
            if (turn.Number == 0)
            {
                turn.Number = ++_lastNumber;
            }

            var at = _line.Count;
            while (at > 0 && _line[at - 1].Number > turn.Number)
            {
                at--;
            }

            _line.Insert(at, turn);
            Volatile.Write(ref _waiting, _line.Count);
        }
    }

    private void Leave(Turn turn)
    {
        lock (_lock)
        {
            var wasFirst = _line[0] == turn;
            _line.Remove(turn);
            Volatile.Write(ref _waiting, _line.Count);
            if (wasFirst)
            {
                CallFirst();
            }
        }
    }

    private bool IsFirst(Turn turn)
    {
        lock (_lock)
        {
            return _line[0] == turn;
        }
    }

    private void CallFirst()
    {
        if (_line is [var first, ..] && first.Called.CurrentCount == 0)
        {
            first.Called.Release();
        }
    }

#pragma warning disable SYSLIB1054 // The generated form needs unsafe code, and this is called once for each connection.
    [DllImport("e_sqlite3", EntryPoint = "sqlite3_busy_handler", CallingConvention = CallingConvention.Cdecl)]
    private static extern int SetBusyHandler(sqlite3 connection, BusyHandler handler, nint turns);
#pragma warning restore SYSLIB1054

    private sealed class Turn
    {
        private readonly long _since = Stopwatch.GetTimestamp();

        /// <summary>Order of coming; 0 before it came.</summary>
        public long Number { get; set; }

        /// <summary>Came before it was refused: a refusal right after it is no new wish.</summary>
        public bool Asked { get; init; }

        /// <summary>Raised for the first in line: when it became that, and when the lock is free.</summary>
        public SemaphoreSlim Called { get; } = new(0);

        public TimeSpan Left => Patience - Stopwatch.GetElapsedTime(_since) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
    }
}
