using System.Text;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

/// <summary>Servers that drop, stall, lie or are not there, and callers who change their mind.</summary>
public sealed class SmtpServerFaultTests : SmtpSessionScene
{
    [Theory]
    [InlineData("MAIL", "553 5.7.1 not your address", SmtpVerdict.Refused, SmtpStep.Sender)]
    [InlineData("MAIL", "451 4.3.0 later", SmtpVerdict.Deferred, SmtpStep.Sender)]
    [InlineData("RCPT", "452 4.5.3 too many recipients", SmtpVerdict.Deferred, SmtpStep.Recipient)]
    [InlineData("DATA", "554 5.7.1 no", SmtpVerdict.Refused, SmtpStep.Data)]
    [InlineData("DATA", "450 4.7.1 greylisted", SmtpVerdict.Deferred, SmtpStep.Data)]
    [InlineData("CONTENT", "554 5.7.1 spam", SmtpVerdict.Refused, SmtpStep.Accept)]
    [InlineData("CONTENT", "451-4.7.1 come\n451-4.7.1 back\n451 4.7.1 later", SmtpVerdict.Deferred, SmtpStep.Accept)]
    [InlineData("CONTENT", "421 4.3.2 shutting down\n<drop>", SmtpVerdict.Unreachable, SmtpStep.Accept)]
    [InlineData("CONNECT", "554 5.7.1 go away", SmtpVerdict.Unreachable, SmtpStep.Greeting)]
    [InlineData("CONNECT", "421 4.7.0 busy\n<drop>", SmtpVerdict.Unreachable, SmtpStep.Greeting)]
    [InlineData("CONNECT", "<drop>", SmtpVerdict.Unreachable, SmtpStep.Greeting)]
    [InlineData("CONNECT", "SSH-2.0-OpenSSH_9.6", SmtpVerdict.Unreachable, SmtpStep.Greeting)]
    [InlineData("EHLO", "421 4.3.2 no\n<drop>", SmtpVerdict.Unreachable, SmtpStep.Hello)]
    [InlineData("MAIL", "421 4.7.0 too many\n<drop>", SmtpVerdict.Unreachable, SmtpStep.Sender)]
    [InlineData("MAIL", "<drop>", SmtpVerdict.Unreachable, SmtpStep.Sender)]
    [InlineData("MAIL", "banana", SmtpVerdict.Unreachable, SmtpStep.Sender)]
    [InlineData("MAIL", "354 go on", SmtpVerdict.Unreachable, SmtpStep.Sender)]
    [InlineData("RCPT", "<drop>", SmtpVerdict.Unreachable, SmtpStep.Recipient)]
    [InlineData("DATA", "<drop>", SmtpVerdict.Unreachable, SmtpStep.Data)]
    [InlineData("DATA", "250 ok", SmtpVerdict.Unreachable, SmtpStep.Data)]
    [InlineData("DATA", "999 ok", SmtpVerdict.Unreachable, SmtpStep.Data)]
    [InlineData("CONTENT", "<drop>", SmtpVerdict.Uncertain, SmtpStep.Accept)]
    [InlineData("CONTENT", "yes, got it", SmtpVerdict.Uncertain, SmtpStep.Accept)]
    [InlineData("CONTENT", "354 go on", SmtpVerdict.Uncertain, SmtpStep.Accept)]
    [InlineData("CONTENT", "250-queued\n<drop>", SmtpVerdict.Uncertain, SmtpStep.Accept)]
    public async Task Whatever_aServer_does_it_is_told_exactly_and_the_next_message_is_none_the_worse(string at, string answer, SmtpVerdict verdict, SmtpStep step)
    {
        var done = 0;
        Server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0 ? answer : null;
        await using var session = Session();
        var begun = 0;

        var first = (await session.SendAsync(Envelope, SpringMail, _ => Count(ref begun), default))[0];
        var begunFirst = begun;
        var second = (await session.SendAsync(Envelope, SpringMail, null, default))[0];

        Assert.Equal((verdict, step), (first.Verdict, first.Step));
        Assert.NotEmpty(first.Text);
        Assert.Equal(at == "CONTENT" ? 1 : 0, begunFirst);
        Assert.Equal(SmtpVerdict.Accepted, second.Verdict);
        Assert.Single(Server.Mails);
    }

    [Theory]
    [InlineData("CONNECT", SmtpVerdict.Unreachable)]
    [InlineData("EHLO", SmtpVerdict.Unreachable)]
    [InlineData("MAIL", SmtpVerdict.Unreachable)]
    [InlineData("DATA", SmtpVerdict.Unreachable)]
    [InlineData("CONTENT", SmtpVerdict.Uncertain)]
    public async Task AServer_that_says_nothing_is_waited_for_as_long_as_agreed(string at, SmtpVerdict verdict)
    {
        var done = 0;
        Server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0 ? ScriptedSmtpServer.Silent : null;
        await using var session = Session(server => server with { Timeouts = SlowAt(at, TimeSpan.FromSeconds(2)) });

        var first = await SendAsync(session);

        Assert.Equal(verdict, first.Verdict);
        Assert.Contains("within 2 s", first.Text, StringComparison.Ordinal);
        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
    }

    [Fact]
    public async Task AServer_that_hangs_up_after_354_has_certainly_not_got_the_mail()
    {
        Server.Answer = line => line == "DATA" ? "354 go on\n<drop>" : null;
        await using var session = Session();

        // The hook is where time passes in real life: the note is written to disk meanwhile.
        var outcome = (await session.SendAsync(Envelope, SpringMail, async token => await Server.HungUp.WaitAsync(token), default))[0];

        Assert.Equal((SmtpVerdict.Unreachable, SmtpStep.Content), (outcome.Verdict, outcome.Step));
    }

    [Fact]
    public async Task AServer_that_refuses_a_large_mail_before_its_end_is_believed()
    {
        Server.Answer = line => line == "DATA" ? "354 go on\n552 5.3.4 too large\n<drop>" : null;
        await using var session = Session();

        var outcome = await SendAsync(session, mail: Encoding.ASCII.GetBytes("A: b\r\n\r\n" + new string('x', 8_000_000)));

        Assert.NotEqual(SmtpVerdict.Accepted, outcome.Verdict);
        Assert.NotEqual(SmtpVerdict.Uncertain, outcome.Verdict);
        Assert.Empty(Server.Mails);
    }

    [Fact]
    public async Task AServer_that_has_enough_at_every_fifth_message_gets_a_new_connection_each_time()
    {
        var mails = 0;
        Server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) && ++mails % 5 == 0 ? "421 4.7.0 that is enough\n<drop>" : null;
        await using var session = Session();

        for (var index = 0; index < 20; index++)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        }

        Assert.Equal((20, 5), (Server.Mails.Count, Server.Connections));
    }

    [Fact]
    public async Task A_connection_that_died_while_it_rested_costs_no_message()
    {
        Server.Answer = line => line == "CONTENT" ? "250 2.0.0 queued\n<drop>" : null;
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);

        Assert.Equal((2, 2), (Server.Mails.Count, Server.Connections));
    }

    [Fact]
    public async Task A_connection_is_made_anew_when_it_rested_too_long_or_carried_enough()
    {
        await using var session = Session(server => server with { MaxMessages = 3 });

        for (var index = 0; index < 7; index++)
        {
            await SendAsync(session);
        }

        Assert.Equal(3, Server.Connections);
        Clock.Advance(TimeSpan.FromSeconds(30));
        await SendAsync(session);
        Assert.Equal(3, Server.Connections);
        Clock.Advance(TimeSpan.FromSeconds(31));
        await SendAsync(session);
        Assert.Equal((4, 3), (Server.Connections, Server.Lines.Count(line => line == "QUIT")));
    }

    [Fact]
    public async Task AServer_that_is_not_there_is_no_exception()
    {
        await using var session = Session(server => server with { Port = 1 });
        await using var nowhere = Session(server => server with { Host = "mail.invalid" });

        Assert.Equal((SmtpVerdict.Unreachable, "127.0.0.1 takes no connections on port 1."), ((await SendAsync(session)).Verdict, (await SendAsync(session)).Text));
        Assert.Equal((SmtpVerdict.Unreachable, SmtpStep.Connect), ((await SendAsync(nowhere)).Verdict, (await SendAsync(nowhere)).Step));
    }

    [Fact]
    public async Task An_address_that_is_not_allowed_is_not_connected_to()
    {
        await using var session = Session(server => server with { Host = "localhost", MayConnectTo = address => !System.Net.IPAddress.IsLoopback(address) });

        var exception = await Assert.ThrowsAsync<SmtpConnectionException>(() => session.ConnectAsync(default));

        Assert.True(exception.NeedsOperator);
        Assert.Equal(0, Server.Connections);
    }

    [Fact]
    public async Task AServer_from_long_ago_is_greeted_as_it_likes()
    {
        Server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "500 what?" : null;
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);

        Assert.Equal(["EHLO news.acme.example", "HELO news.acme.example", "MAIL FROM:<bounce@acme.example>"], Server.Lines.Take(3));
        Assert.Empty(Server.Pipelined);
    }

    [Theory]
    [InlineData("250-", 1_000)]
    [InlineData("", 100_000)]
    public async Task An_answer_without_end_is_not_listened_to_for_ever(string start, int length)
    {
        Server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? string.Join('\n', Enumerable.Repeat(start + new string('x', start.Length == 0 ? length : 10), start.Length == 0 ? 1 : length)) : null;
        await using var session = Session();

        Assert.Equal(SmtpStep.Hello, (await Assert.ThrowsAsync<SmtpConnectionException>(() => session.ConnectAsync(default))).Step);
    }

    [Fact]
    public async Task Cancelling_before_the_mail_went_out_sends_nothing_and_leaves_the_session_usable()
    {
        await using var session = Session();
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync(Envelope, SpringMail, _ => new ValueTask(cancelled.CancelAsync()), cancelled.Token));

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        Assert.Equal(2, Server.Connections);
        Assert.Single(Server.Mails);
    }

    [Theory]
    [InlineData(false, SmtpVerdict.Accepted)]
    [InlineData(true, SmtpVerdict.Uncertain)]
    public async Task Cancelling_after_the_mail_went_out_still_hears_the_answer_if_it_comes_soon(bool isSilent, SmtpVerdict verdict)
    {
        using var cancelled = new CancellationTokenSource();
        Server.Answer = line =>
        {
            if (line != "CONTENT")
            {
                return null;
            }

            cancelled.Cancel();
            return isSilent ? ScriptedSmtpServer.Silent : null;
        };
        await using var session = Session(server => server with { Timeouts = new SmtpTimeouts { AcceptWhenCancelled = TimeSpan.FromSeconds(isSilent ? 0.2 : 10), Quit = TimeSpan.FromSeconds(0.1) } });

        Assert.Equal(verdict, (await session.SendAsync(Envelope, SpringMail, null, cancelled.Token))[0].Verdict);
    }

    // Only what is slow: a busy machine must not make the other steps look slow, too.
    private static SmtpTimeouts SlowAt(string step, TimeSpan moment) => step switch
    {
        "CONNECT" => new SmtpTimeouts { Greeting = moment, Quit = moment },
        "DATA" => new SmtpTimeouts { Data = moment, Quit = moment },
        "CONTENT" => new SmtpTimeouts { Accept = moment, Quit = moment },
        _ => new SmtpTimeouts { Command = moment, Quit = moment },
    };
}
