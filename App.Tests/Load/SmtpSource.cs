using System.Diagnostics;
using System.Globalization;

namespace ScoreTracking.Tests.Load;

/// <summary>Postfix's smtp-source (Debian's postfix): hands the same bytes over and over, as fast as the other side takes them. It writes no mail, notes none and counts none.</summary>
internal static class SmtpSource
{
    /// <summary>Bytes of a mail's text; a header of about 200 comes on top.</summary>
    public const int Length = 10_000;

    private const string Program = "/usr/sbin/smtp-source";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    public static bool IsInstalled => File.Exists(Program);

    /// <returns>Messages a second.</returns>
    /// <exception cref="IOException">The server did not take them all.</exception>
    public static async Task<double> RunAsync(int port, int connections, int messages, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var source = new ChildProcess(Program, ["-d", "-s", Text(connections), "-m", Text(messages), "-l", Text(Length), $"127.0.0.1:{port}"]);
        return await source.ExitedAsync(s_patience, cancellationToken) == 0
            ? messages / Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new IOException($"smtp-source failed: {source.Output}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
