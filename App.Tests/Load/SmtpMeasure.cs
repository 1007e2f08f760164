using System.Diagnostics;
using System.Security.Cryptography;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Load;

/// <summary>Messages a second handed to Postfix's smtp-sink: by Postfix's own smtp-source, by our sessions, and by our sessions with each mail written and signed first.</summary>
internal static class SmtpMeasure
{
    private const int Length = SmtpSource.Length;

    private static readonly string s_text = string.Concat(Enumerable.Repeat("Spring is here, and so are we.\n", Length / 4 / 31));
    private static readonly string s_html = string.Concat(Enumerable.Repeat("<p style=\"margin:0\">Grüße aus <a href=\"https://track.acme.example/c/0123456789\">Zürich</a></p>\n", Length * 3 / 4 / 110));

    public static async Task<int> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        if (!SmtpSink.IsInstalled || !SmtpSource.IsInstalled)
        {
            await Console.Error.WriteLineAsync("This needs smtp-sink and smtp-source of Debian's postfix package.");
            return 2;
        }

        using var sink = await SmtpSink.StartAsync(null, cancellationToken);
        var port = sink.Port;
        using var rsa = RSA.Create(2048);
        using var signer = new DkimSigner("acme.example", "s1", rsa.ExportPkcs8PrivateKeyPem());
        var prepared = MimeWriter.Write(Mail(0));

        Console.WriteLine($"smtp: {options.Mails:N0} messages a round of about {Length:N0} bytes; {Environment.ProcessorCount} cores shared with the server");
        Console.WriteLine();
        Console.WriteLine($"{"connections",11}{"smtp-source/s",15}{"handed over/s",15}{"ratio",7}{"CPU µs",8}{"written, signed/s",19}{"CPU µs",8}");
        foreach (var connections in options.Connections ?? [1, 10, 50])
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                var source = await SmtpSource.RunAsync(port, connections, options.Mails, cancellationToken);
                var (handed, handedCpu) = await OursAsync(port, connections, options.Mails, _ => prepared, cancellationToken);
                var (signed, signedCpu) = await OursAsync(port, connections, options.Mails, index => signer.Sign(MimeWriter.Write(Mail(index)), DateTimeOffset.UnixEpoch), cancellationToken);
                Console.WriteLine($"{connections,11}{source,15:N0}{handed,15:N0}{handed / source,7:N2}{handedCpu,8:N0}{signed,19:N0}{signedCpu,8:N0}");
            }
        }

        return sink.HasExited ? throw new IOException($"smtp-sink ended: {sink.Output}") : 0;
    }

    // Every message must be accepted: this measures nothing else.
    private static async Task<(double PerSecond, double CpuMicroseconds)> OursAsync(int port, int connections, int messages, Func<int, byte[]> mail, CancellationToken cancellationToken)
    {
        var server = new SmtpServer { Host = "127.0.0.1", Port = port, Security = SmtpSecurity.None, MaxMessages = int.MaxValue };
        var next = 0;
        var cpu = ChildProcess.OwnCpu;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(RunAsync, cancellationToken)));
        return (messages / Stopwatch.GetElapsedTime(started).TotalSeconds, (ChildProcess.OwnCpu - cpu).TotalMicroseconds / messages);

        async Task RunAsync()
        {
            await using var session = new SmtpSession(server, TimeProvider.System);
            for (var index = Interlocked.Increment(ref next); index <= messages; index = Interlocked.Increment(ref next))
            {
                var outcome = (await session.SendAsync(new SmtpEnvelope("bounce@acme.example", [$"ann{index}@example.net"]), mail(index), null, cancellationToken))[0];
                if (outcome.Verdict != SmtpVerdict.Accepted)
                {
                    throw new IOException($"Message {index}: {outcome.Verdict} at {outcome.Step}: {outcome.Text}");
                }
            }
        }
    }

    private static OutgoingMail Mail(int index) => new()
    {
        From = new Mailbox("news@acme.example", "Acme"),
        To = [new Mailbox($"ann{index}@example.net", "Ann Lee")],
        Subject = $"Frühling in Zürich {index}",
        Text = s_text,
        Html = s_html,
        Date = DateTimeOffset.UnixEpoch,
        MessageId = MimeWriter.MessageId($"msg_{index}", "acme.example"),
        OurMessageId = $"msg_{index}",
        ListUnsubscribe = [$"https://track.acme.example/u/{index:D40}"],
        OneClickUnsubscribe = true,
    };
}
