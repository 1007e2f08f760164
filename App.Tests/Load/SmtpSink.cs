using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Tests.Load;

/// <summary>Postfix's smtp-sink (Debian's postfix) on a loopback port: takes every mail and throws it away, or keeps who got which.</summary>
public sealed class SmtpSink : IDisposable
{
    private const string Program = "/usr/sbin/smtp-sink";
    private const string Beginning = "X-Client-Addr: ";
    private const string Envelope = "X-Rcpt-Args: <";

    // A port that was free a moment ago: others look for one, too.
    private const int Ports = 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly string? _directory;
    private readonly string[] _options;

    // What it greets with: whoever else listens on the port says something else.
    private readonly string _name = $"sink-{Guid.NewGuid():N}.example";

    private ChildProcess _process = null!;

    private SmtpSink(string? directory, string[] options) => (_directory, _options) = (directory, options);

    public static bool IsInstalled => File.Exists(Program);

    public int Port { get; private set; }

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
        for (var attempt = 1; attempt <= Ports; attempt++)
        {
            sink.Port = ChildProcess.FreePort();
            if (await sink.TryRunAsync(cancellationToken))
            {
                return sink;
            }
        }

        throw new IOException($"smtp-sink found each of {Ports} ports taken: {sink.Output}");
    }

    /// <summary>Ends it in the middle of whatever it does, and begins anew on the same port.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        _process.Dispose();

        // Whoever was given the port meanwhile has it for a connection or a test's moment.
        var started = Stopwatch.GetTimestamp();
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await TryRunAsync(cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(started) > s_patience)
            {
                throw new IOException($"smtp-sink does not get its port {Port} back: {Output}");
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Every mail that arrived, by its recipient, in order.</summary>
    public IEnumerable<string> Recipients() =>
        from file in Directory.GetFiles(_directory!)
        from line in File.ReadLines(file)
        where line.StartsWith(Envelope, StringComparison.Ordinal)
        select line[Envelope.Length..line.IndexOf('>', StringComparison.Ordinal)];

    /// <summary>Every mail it kept, in Latin-1 and with LF, with the envelope as header fields of its own in front.</summary>
    public IEnumerable<string> Mails()
    {
        var mail = new StringBuilder();
        foreach (var line in Directory.GetFiles(_directory!).SelectMany(file => File.ReadLines(file, Encoding.Latin1)))
        {
            if (line.StartsWith(Beginning, StringComparison.Ordinal) && mail.Length > 0)
            {
                yield return mail.ToString();
                mail.Clear();
            }

            mail.Append(line).Append('\n');
        }

        if (mail.Length > 0)
        {
            yield return mail.ToString();
        }
    }

    public void Dispose() => _process.Dispose();

    /// <returns>False when somebody else has the port.</returns>
    private async Task<bool> TryRunAsync(CancellationToken cancellationToken)
    {
        string[] asNobody = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        string[] keep = _directory is null ? [] : ["-D", Path.Combine(_directory, "mail")];
        _process = new ChildProcess(Program, [.. asNobody, .. keep, .. _options, "-h", _name, "-m", "1000", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"), "1000"]);

        // It says nothing when it listens, so it is asked.
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await GreetsAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                await _process.ExitedAsync(s_patience, cancellationToken);
                _process.Dispose();
                return _process.Output.Contains("Address already in use", StringComparison.Ordinal)
                    ? false
                    : throw new IOException($"smtp-sink ended: {_process.Output}");
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }

        return true;
    }

    private async Task<bool> GreetsAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, patience.Token);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadLineAsync(patience.Token) is { } greeting && greeting.Contains(_name, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is SocketException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Not there yet, or a stranger who says nothing.
            return false;
        }
    }
}
