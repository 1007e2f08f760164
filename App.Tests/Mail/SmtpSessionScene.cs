using System.Text;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

/// <summary>A session with the scripted server, and a mail whose dots must arrive.</summary>
public abstract class SmtpSessionScene : IAsyncDisposable
{
    private protected static readonly byte[] SpringMail = Encoding.ASCII.GetBytes("Subject: spring\r\n\r\n.one\r\n..two\r\n.\r\nthree\r\n");
    private protected static readonly SmtpEnvelope Envelope = new("bounce@acme.example", ["ann@example.net"]);

    private protected ScriptedSmtpServer Server { get; } = new();
    private protected TestClock Clock { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected SmtpSession Session(Func<SmtpServer, SmtpServer>? change = null)
    {
        var server = new SmtpServer { Host = "127.0.0.1", Port = Server.Port, Security = SmtpSecurity.None, HelloName = "news.acme.example", Timeouts = new SmtpTimeouts { Quit = TimeSpan.FromSeconds(0.5) } };
        return new SmtpSession(change?.Invoke(server) ?? server, Clock);
    }

    private protected static async Task<SmtpOutcome> SendAsync(SmtpSession session, byte[]? mail = null) =>
        Assert.Single(await session.SendAsync(Envelope, mail ?? SpringMail, null, default));

    private protected static ValueTask Count(ref int count)
    {
        count++;
        return ValueTask.CompletedTask;
    }
}
