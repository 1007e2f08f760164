using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ScoreTracking.Tests.Load;

/// <summary>Postfix's smtp-sink (Debian's postfix) on a loopback port: takes every mail and throws it away, or keeps who got which.</summary>
public sealed class SmtpSink : IDisposable
{
    private const string Program = "/usr/sbin/smtp-sink";
    private const string Envelope = "X-Rcpt-Args: <";

    private readonly string? _directory;
    private readonly string[] _options;
    private ChildProcess _process = null!;

    private SmtpSink(string? directory, string[] options)
    {
        (_directory, _options) = (directory, options);
        Port = ChildProcess.FreePort();
    }

    public static bool IsInstalled => File.Exists(Program);

    public int Port { get; }

    public TimeSpan Cpu => _process.Cpu;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote so far.</summary>
    public string Output => _process.Output;

    /// <param name="directory">Where to keep what arrives; null keeps nothing.</param>
    /// <param name="options">Further ones of its own.</param>
    public static async Task<SmtpSink> StartAsync(string? directory, CancellationToken cancellationToken, params string[] options)
    {
        if (directory is not null && !OperatingSystem.IsWindows())
        {
            // It refuses to run as root, and writes as somebody else.
            Directory.CreateDirectory(directory);
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_111_111);
            for (var above = Path.GetDirectoryName(directory); above is not null && above.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) && above.Length > Path.GetTempPath().Length; above = Path.GetDirectoryName(above))
            {
                File.SetUnixFileMode(above, (UnixFileMode)0b111_101_101);
            }
        }

        var sink = new SmtpSink(directory, options);
        await sink.RunAsync(cancellationToken);
        return sink;
    }

    /// <summary>Ends it in the middle of whatever it does, and begins anew on the same port.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        _process.Dispose();
        await RunAsync(cancellationToken);
    }

    /// <summary>Every mail that arrived, by its recipient, in order.</summary>
    public IEnumerable<string> Recipients() =>
        from file in Directory.GetFiles(_directory!)
        from line in File.ReadLines(file)
        where line.StartsWith(Envelope, StringComparison.Ordinal)
        select line[Envelope.Length..line.IndexOf('>', StringComparison.Ordinal)];

    public void Dispose() => _process.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        string[] asNobody = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        string[] keep = _directory is null ? [] : ["-D", Path.Combine(_directory, "mail")];
        _process = new ChildProcess(Program, [.. asNobody, .. keep, .. _options, "-m", "1000", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"), "1000"]);

        // It says nothing when it listens.
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
                return;
            }
            catch (SocketException exception)
            {
                if (_process.HasExited)
                {
                    throw new IOException($"smtp-sink ended: {_process.Output}", exception);
                }

                await poll.WaitForNextTickAsync(cancellationToken);
            }
        }
    }
}
