using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ScoreTracking.Tests.Load;

/// <summary>What one burst of load saw. Answers that came after its end are acknowledged but not measured.</summary>
/// <param name="Measured">Answers within the burst.</param>
/// <param name="Accepted">Answers 2xx and 302 that did not say their event was not stored, late ones included.</param>
/// <param name="Refused">Answers 503, late ones included.</param>
/// <param name="Unsure">Redirects that said their event is not on disk: refused, or not yet.</param>
/// <param name="Other">Answers that should not exist.</param>
public sealed record BurstResult(TimeSpan Duration, long Measured, long Accepted, long Refused, long Unsure, long Other, Latencies Latencies)
{
    public double PerSecond => Measured / Duration.TotalSeconds;
}

/// <summary>
/// Closed-loop load from one thread: each connection sends its next request as soon as its last is answered. No HttpClient
/// and no tasks, since client and server share the machine and what the client burns the server cannot show.
/// </summary>
public static class Burst
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <exception cref="IOException">The server closed a connection or stopped answering: no measurement.</exception>
    public static BurstResult Run(int port, Workload workload, int connections, TimeSpan duration)
    {
        using var epoll = new Epoll();
        var clients = new Client[connections];
        try
        {
            for (var i = 0; i < connections; i++)
            {
                clients[i] = new Client(port);
                epoll.Add(clients[i].Socket, i);
            }

            return Run(epoll, clients, workload, duration);
        }
        finally
        {
            foreach (var client in clients)
            {
                client?.Socket.Dispose();
            }
        }
    }

    private static BurstResult Run(Epoll epoll, Client[] clients, Workload workload, TimeSpan duration)
    {
        var latencies = new Latencies();
        long measured = 0, accepted = 0, refused = 0, unsure = 0, other = 0;
        var started = Stopwatch.GetTimestamp();
        var end = started + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i].Start(workload.Next(i));
        }

        var moved = new int[clients.Length];
        var open = clients.Length;
        while (open > 0)
        {
            var count = epoll.Wait(moved, 1000);
            if (count == 0 && Stopwatch.GetElapsedTime(end) > s_patience)
            {
                throw new IOException($"{open} requests were not answered {s_patience.TotalSeconds:N0} s after the burst.");
            }

            foreach (var number in moved.AsSpan(0, count))
            {
                var client = clients[number];
                if (!client.Move())
                {
                    continue;
                }

                var now = Stopwatch.GetTimestamp();
                var answer = client.Answer;
                _ = answer switch
                {
                    { Status: 503 } => refused++,
                    { Status: 302, SaysStored: false } => unsure++,
                    { Status: (>= 200 and < 300) or 302 } => accepted++,
                    _ => other++,
                };
                if (now >= end)
                {
                    open--;
                    continue;
                }

                measured++;
                latencies.Add(now - client.SentAt);
                client.Start(workload.Next(number));
            }
        }

        return new BurstResult(duration, measured, accepted, refused, unsure, other, latencies);
    }

    private sealed class Client
    {
        private ReadOnlyMemory<byte> _rest;
        private bool _waiting;

        public Client(int port)
        {
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(IPAddress.Loopback, port);
            Socket.Blocking = false;
        }

        public Socket Socket { get; }

        public AnswerReader Answer { get; } = new();

        public long SentAt { get; private set; }

        public void Start(ReadOnlyMemory<byte> request)
        {
            Answer.Clear();
            (_rest, _waiting) = (request, true);
            SentAt = Stopwatch.GetTimestamp();
            Send();
        }

        /// <summary>Goes on as far as the socket allows. True when an answer is whole.</summary>
        public bool Move()
        {
            if (!_rest.IsEmpty)
            {
                Send();
            }

            while (_waiting)
            {
                var free = Answer.Free;
                var received = Socket.Receive(free.Span, SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                {
                    return false;
                }

                if (received == 0)
                {
                    throw new IOException($"The server closed a connection ({error}).");
                }

                if (Answer.Advance(received))
                {
                    _waiting = false;
                    return true;
                }

                // Less than asked for: there is no more at the moment, and what comes later is reported again.
                if (received < free.Length)
                {
                    return false;
                }
            }

            return false;
        }

        private void Send()
        {
            while (!_rest.IsEmpty)
            {
                var sent = Socket.Send(_rest.Span, SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock)
                {
                    return;
                }

                if (error != SocketError.Success)
                {
                    throw new IOException($"The server closed a connection ({error}).");
                }

                _rest = _rest[sent..];
            }
        }
    }
}
