using System.Globalization;
using System.IO.Pipelines;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ScoreTracking.Tests.Support;

/// <summary>
/// A server far away: with <c>TEST_LAG</c> in the environment (milliseconds), all that is sent takes that long each way.
/// A test of a page that reads or presses before the server has answered passes by luck on a quick machine, and fails here every time.
/// </summary>
internal static class Distance
{
    private static readonly TimeSpan s_lag = TimeSpan.FromMilliseconds(
        int.TryParse(Environment.GetEnvironmentVariable("TEST_LAG"), NumberStyles.None, CultureInfo.InvariantCulture, out var lag) ? lag : 0);

    /// <summary>Puts it between a server and whoever connects to it; none unless asked for.</summary>
    public static void PutBefore(KestrelServerOptions server)
    {
        if (s_lag > TimeSpan.Zero)
        {
            server.ConfigureEndpointDefaults(endpoint => endpoint.Use(next => connection => LateAsync(next, connection)));
        }
    }

    private static async Task LateAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        var near = connection.Transport;
        var (received, sent) = (new Pipe(), new Pipe());
        var pumps = Task.WhenAll(PumpAsync(near.Input, received.Writer), PumpAsync(sent.Reader, near.Output));
        connection.Transport = new Far(received.Reader, sent.Writer);
        try
        {
            await next(connection);
        }
        finally
        {
            await sent.Writer.CompleteAsync();
            near.Input.CancelPendingRead();
            await pumps;
            connection.Transport = near;
        }
    }

    // What was read keeps its order, and each piece its own time.
    private static async Task PumpAsync(PipeReader from, PipeWriter to)
    {
        var underWay = Channel.CreateUnbounded<(DateTime Due, byte[] Bytes)>();
        var arriving = Task.Run(async () =>
        {
            await foreach (var (due, bytes) in underWay.Reader.ReadAllAsync())
            {
                var wait = due - DateTime.UtcNow;
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                await to.WriteAsync(bytes);
            }
        });
        try
        {
            for (var read = await from.ReadAsync(); !read.IsCanceled; read = await from.ReadAsync())
            {
                underWay.Writer.TryWrite((DateTime.UtcNow + s_lag, System.Buffers.BuffersExtensions.ToArray(read.Buffer)));
                from.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // Who connected is gone: the other end learns it by the pipe's end.
        }

        underWay.Writer.Complete();
        try
        {
            await arriving;
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // And did not wait for the answer.
        }

        await to.CompleteAsync();
    }

    private sealed record Far(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
