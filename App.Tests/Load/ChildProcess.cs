using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ScoreTracking.Tests.Load;

/// <summary>A process of ours: its last output kept for when it fails, its cost read from /proc, killed when disposed.</summary>
public partial class ChildProcess : IDisposable
{
    private const int Terminate = 15;
    private const int KeptLines = 50;

    // USER_HZ, which every Linux shows to programs as 100.
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly Queue<string> _output = new();
    private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ChildProcess(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>The port it says it listens on, once it has said so.</summary>
    public Task<int> Listening => _listening.Task;

    public bool HasExited => _process.HasExited;

    /// <summary>The last fifty lines it wrote.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join(Environment.NewLine, _output);
            }
        }
    }

    /// <summary>The runtime this process runs on, so that a child runs on the same.</summary>
    public static string Dotnet
    {
        get
        {
            var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..", "dotnet"));
            return File.Exists(host) ? host : "dotnet";
        }
    }

    /// <summary>A loopback port nobody listens on at the moment. Somebody else may take it before it is used: for runs alone on a machine.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>CPU time of the process and its children so far, in steps of 10 ms.</summary>
    public TimeSpan Cpu => CpuOf(Id) + ChildrenOf(Id).Aggregate(TimeSpan.Zero, (sum, child) => sum + CpuOf(child));

    /// <summary>Most resident memory so far, in bytes, with its children.</summary>
    public long PeakMemory => PeakMemoryOf(Id) + ChildrenOf(Id).Sum(PeakMemoryOf);

    /// <summary>SIGKILL: nothing of the process runs any more when this returns.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> TerminateAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (SendSignal(Id, Terminate) != 0)
        {
            throw new InvalidOperationException($"Process {Id} is not there to be ended: {Output}");
        }

        return await ExitedAsync(patience, cancellationToken);
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> ExitedAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(patience, cancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // With its children: they hold the other end of its output, and waiting for it would never end.
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>CPU time of this very process.</summary>
    public static TimeSpan OwnCpu => CpuOf(Environment.ProcessId);

    private static TimeSpan CpuOf(int id)
    {
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th field behind it.
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private static long PeakMemoryOf(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static IEnumerable<int> ChildrenOf(int id) =>
        File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text)
        {
            return;
        }

        if (NowListening().Match(text) is { Success: true } address)
        {
            _listening.TrySetResult(int.Parse(address.Groups["port"].ValueSpan, CultureInfo.InvariantCulture));
        }

        lock (_output)
        {
            _output.Enqueue(text);
            if (_output.Count > KeptLines)
            {
                _output.Dequeue();
            }
        }
    }

    [GeneratedRegex(@"Now listening on: http://127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex NowListening();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
