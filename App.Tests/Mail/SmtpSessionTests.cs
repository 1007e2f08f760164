using System.Text;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

public sealed class SmtpSessionTests : IAsyncDisposable
{
    private static readonly byte[] s_mail = Encoding.ASCII.GetBytes("Subject: spring\r\n\r\n.one\r\n..two\r\n.\r\nthree\r\n");
    private static readonly SmtpEnvelope s_envelope = new("bounce@acme.example", ["ann@example.net"]);

    private readonly ScriptedSmtpServer _server = new();
    private readonly TestClock _clock = new();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_message_is_handed_over_as_it_is(bool pipelining)
    {
        if (!pipelining)
        {
            _server.Extensions.Remove("PIPELINING");
        }

        await using var session = Session();
        var outcome = await SendAsync(session);

        Assert.Equal(new SmtpOutcome("ann@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"), outcome);
        var mail = Assert.Single(_server.Mails);
        Assert.Equal(s_mail, mail.Content);
        Assert.Equal(("bounce@acme.example", "ann@example.net"), (mail.Sender, Assert.Single(mail.Recipients)));
        Assert.Equal(pipelining, !_server.Pipelined.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..\r\n")]
    [InlineData("x")]
    [InlineData("x\r\n.\r\n")]
    [InlineData("\r\n.\r\n\r\n.\r\n")]
    public async Task Dots_arrive_as_they_were(string body)
    {
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session, mail: Encoding.ASCII.GetBytes("A: b\r\n\r\n" + body))).Verdict);

        Assert.Equal("A: b\r\n\r\n" + body + (body.Length > 0 && !body.EndsWith('\n') ? "\r\n" : ""), Assert.Single(_server.Mails).Text);
    }

    [Fact]
    public async Task A_mail_of_megabytes_arrives_whole()
    {
        var mail = Encoding.ASCII.GetBytes("A: b\r\n\r\n" + string.Concat(Enumerable.Range(0, 100_000).Select(line => $".{line} spring is here\r\n")));
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session, mail: mail)).Verdict);

        Assert.Equal(mail, Assert.Single(_server.Mails).Content);
    }

    [Fact]
    public async Task One_connection_serves_many_messages()
    {
        await using (var session = Session())
        {
            for (var index = 0; index < 20; index++)
            {
                Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
            }
        }

        Assert.Equal((1, 20), (_server.Connections, _server.Mails.Count));
        Assert.DoesNotContain("RSET", _server.Lines);
        Assert.Equal("QUIT", _server.Lines.Last());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Each_recipient_gets_the_answer_that_was_theirs(bool pipelining)
    {
        if (!pipelining)
        {
            _server.Extensions.Remove("PIPELINING");
        }

        _server.Answer = line =>
            line.Contains("<b@", StringComparison.Ordinal) ? "550-5.1.1 no such\n550 5.1.1 user here"
            : line.Contains("<c@", StringComparison.Ordinal) ? "450 4.2.0 greylisted"
            : line.Contains("<d@", StringComparison.Ordinal) ? "251 will forward"
            : null;
        await using var session = Session();

        var outcomes = await session.SendAsync(new SmtpEnvelope("", ["a@example.net", "b@example.net", "c@example.net", "d@example.net"]), s_mail, null, default);

        Assert.Equal(
            [
                new SmtpOutcome("a@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"),
                new SmtpOutcome("b@example.net", SmtpVerdict.Refused, SmtpStep.Recipient, 550, "5.1.1", "no such user here"),
                new SmtpOutcome("c@example.net", SmtpVerdict.Deferred, SmtpStep.Recipient, 450, "4.2.0", "greylisted"),
                new SmtpOutcome("d@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"),
            ],
            outcomes);
        Assert.Equal(["a@example.net", "d@example.net"], Assert.Single(_server.Mails).Recipients);
        Assert.Equal("", Assert.Single(_server.Mails).Sender);
    }

    [Theory]
    [InlineData(true, "554 5.5.1 no valid recipients")]
    [InlineData(true, "354 go on all the same")]
    [InlineData(false, null)]
    public async Task A_refused_recipient_costs_the_next_message_nothing(bool pipelining, string? data)
    {
        if (!pipelining)
        {
            _server.Extensions.Remove("PIPELINING");
        }

        var isFirst = true;
        _server.Answer = line =>
        {
            var answer = isFirst && line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 unknown" : isFirst && line == "DATA" ? data : null;
            isFirst &= line != "DATA" && (pipelining || !line.StartsWith("RCPT", StringComparison.Ordinal));
            return answer;
        };
        await using var session = Session();
        var begun = 0;

        var first = (await session.SendAsync(s_envelope, s_mail, _ => Count(ref begun), default))[0];
        var second = (await session.SendAsync(s_envelope, s_mail, _ => Count(ref begun), default))[0];

        Assert.Equal((SmtpVerdict.Refused, SmtpStep.Recipient, 550), (first.Verdict, first.Step, first.Code));
        Assert.Equal(SmtpVerdict.Accepted, second.Verdict);
        Assert.Equal((1, 1), (_server.Mails.Count, begun));
        Assert.Equal(data?.StartsWith('3') == true ? 2 : 1, _server.Connections); // nobody is sent an empty mail, so that conversation ends
    }

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
    public async Task Whatever_a_server_does_it_is_told_exactly_and_the_next_message_is_none_the_worse(string at, string answer, SmtpVerdict verdict, SmtpStep step)
    {
        var done = 0;
        _server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0 ? answer : null;
        await using var session = Session();
        var begun = 0;

        var first = (await session.SendAsync(s_envelope, s_mail, _ => Count(ref begun), default))[0];
        var begunFirst = begun;
        var second = (await session.SendAsync(s_envelope, s_mail, null, default))[0];

        Assert.Equal((verdict, step), (first.Verdict, first.Step));
        Assert.NotEmpty(first.Text);
        Assert.Equal(at == "CONTENT" ? 1 : 0, begunFirst);
        Assert.Equal(SmtpVerdict.Accepted, second.Verdict);
        Assert.Single(_server.Mails);
    }

    [Theory]
    [InlineData("CONNECT", SmtpVerdict.Unreachable)]
    [InlineData("EHLO", SmtpVerdict.Unreachable)]
    [InlineData("MAIL", SmtpVerdict.Unreachable)]
    [InlineData("DATA", SmtpVerdict.Unreachable)]
    [InlineData("CONTENT", SmtpVerdict.Uncertain)]
    public async Task A_server_that_says_nothing_is_waited_for_as_long_as_agreed(string at, SmtpVerdict verdict)
    {
        var done = 0;
        _server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) && Interlocked.Exchange(ref done, 1) == 0 ? ScriptedSmtpServer.Silent : null;
        await using var session = Session(server => server with { Timeouts = SlowAt(at, TimeSpan.FromSeconds(2)) });

        var first = await SendAsync(session);

        Assert.Equal(verdict, first.Verdict);
        Assert.Contains("within 2 s", first.Text, StringComparison.Ordinal);
        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
    }

    [Fact]
    public async Task A_server_that_hangs_up_after_354_has_certainly_not_got_the_mail()
    {
        _server.Answer = line => line == "DATA" ? "354 go on\n<drop>" : null;
        await using var session = Session();

        // The hook is where time passes in real life: the note is written to disk meanwhile.
        var outcome = (await session.SendAsync(s_envelope, s_mail, async token => await _server.HungUp.WaitAsync(token), default))[0];

        Assert.Equal((SmtpVerdict.Unreachable, SmtpStep.Content), (outcome.Verdict, outcome.Step));
    }

    [Fact]
    public async Task A_server_that_refuses_a_large_mail_before_its_end_is_believed()
    {
        _server.Answer = line => line == "DATA" ? "354 go on\n552 5.3.4 too large\n<drop>" : null;
        await using var session = Session();

        var outcome = await SendAsync(session, mail: Encoding.ASCII.GetBytes("A: b\r\n\r\n" + new string('x', 8_000_000)));

        Assert.NotEqual(SmtpVerdict.Accepted, outcome.Verdict);
        Assert.NotEqual(SmtpVerdict.Uncertain, outcome.Verdict);
        Assert.Empty(_server.Mails);
    }

    [Fact]
    public async Task A_server_that_has_enough_at_every_fifth_message_gets_a_new_connection_each_time()
    {
        var mails = 0;
        _server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) && ++mails % 5 == 0 ? "421 4.7.0 that is enough\n<drop>" : null;
        await using var session = Session();

        for (var index = 0; index < 20; index++)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        }

        Assert.Equal((20, 5), (_server.Mails.Count, _server.Connections));
    }

    [Fact]
    public async Task A_connection_that_died_while_it_rested_costs_no_message()
    {
        _server.Answer = line => line == "CONTENT" ? "250 2.0.0 queued\n<drop>" : null;
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);

        Assert.Equal((2, 2), (_server.Mails.Count, _server.Connections));
    }

    [Fact]
    public async Task A_connection_is_made_anew_when_it_rested_too_long_or_carried_enough()
    {
        await using var session = Session(server => server with { MaxMessages = 3 });

        for (var index = 0; index < 7; index++)
        {
            await SendAsync(session);
        }

        Assert.Equal(3, _server.Connections);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await SendAsync(session);
        Assert.Equal(3, _server.Connections);
        _clock.Advance(TimeSpan.FromSeconds(31));
        await SendAsync(session);
        Assert.Equal((4, 3), (_server.Connections, _server.Lines.Count(line => line == "QUIT")));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_no_exception()
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
        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public async Task A_server_from_long_ago_is_greeted_as_it_likes()
    {
        _server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "500 what?" : null;
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);

        Assert.Equal(["EHLO news.acme.example", "HELO news.acme.example", "MAIL FROM:<bounce@acme.example>"], _server.Lines.Take(3));
        Assert.Empty(_server.Pipelined);
    }

    [Theory]
    [InlineData("250-mx.example\n250-SIZE 100\n250 8BITMIME", 100L, true)]
    [InlineData("250-mx.example\n250-size 0\n250 8bitmime", null, true)]
    [InlineData("250 mx.example PIPELINING", null, false)]
    [InlineData("250-mx.example\n250-\n250-SIZE nonsense\n250-=\n250", null, false)]
    public async Task What_a_server_can_do_is_read_however_it_is_written(string answer, long? size, bool has8Bit)
    {
        _server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? answer : null;
        await using var session = Session();

        await session.ConnectAsync(default);

        Assert.Equal((size, has8Bit, false), (session.Capabilities!.MaxSize, session.Capabilities.Has8BitMime, session.Capabilities.HasPipelining));
    }

    [Theory]
    [InlineData("250-", 1_000)]
    [InlineData("", 100_000)]
    public async Task An_answer_without_end_is_not_listened_to_for_ever(string start, int length)
    {
        _server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? string.Join('\n', Enumerable.Repeat(start + new string('x', start.Length == 0 ? length : 10), start.Length == 0 ? 1 : length)) : null;
        await using var session = Session();

        Assert.Equal(SmtpStep.Hello, (await Assert.ThrowsAsync<SmtpConnectionException>(() => session.ConnectAsync(default))).Step);
    }

    [Fact]
    public async Task Cancelling_before_the_mail_went_out_sends_nothing_and_leaves_the_session_usable()
    {
        await using var session = Session();
        using var cancelled = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync(s_envelope, s_mail, _ => new ValueTask(cancelled.CancelAsync()), cancelled.Token));

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        Assert.Equal(2, _server.Connections);
        Assert.Single(_server.Mails);
    }

    [Theory]
    [InlineData(false, SmtpVerdict.Accepted)]
    [InlineData(true, SmtpVerdict.Uncertain)]
    public async Task Cancelling_after_the_mail_went_out_still_hears_the_answer_if_it_comes_soon(bool isSilent, SmtpVerdict verdict)
    {
        using var cancelled = new CancellationTokenSource();
        _server.Answer = line =>
        {
            if (line != "CONTENT")
            {
                return null;
            }

            cancelled.Cancel();
            return isSilent ? ScriptedSmtpServer.Silent : null;
        };
        await using var session = Session(server => server with { Timeouts = new SmtpTimeouts { AcceptWhenCancelled = TimeSpan.FromSeconds(isSilent ? 0.2 : 10), Quit = TimeSpan.FromSeconds(0.1) } });

        Assert.Equal(verdict, (await session.SendAsync(s_envelope, s_mail, null, cancelled.Token))[0].Verdict);
    }

    [Fact]
    public async Task A_session_is_for_one_caller_at_a_time()
    {
        await using var session = Session();

        await session.SendAsync(s_envelope, s_mail, async token => await Assert.ThrowsAsync<InvalidOperationException>(() => session.SendAsync(s_envelope, s_mail, null, token)), default);

        Assert.Single(_server.Mails);
    }

    [Fact]
    public async Task What_could_end_a_command_or_the_mail_early_is_refused()
    {
        await using var session = Session();
        string[] addresses = ["ann@example.net>\r\nRCPT TO:<eve@evil.example", "ann", "ann@example.net SIZE=1", "a>b@example.net", "", "ann@exa\0mple.net"];
        string[] mails = ["A: b\n\nx\r\n", "A: b\r\n\r\nx\n.\nMAIL FROM:<eve@evil.example>\r\n", "A: b\r\n\r\nx\r.\r\n", "A: b\r\n\r\n\0"];

        foreach (var address in addresses)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(new SmtpEnvelope("a@b.example", [address]), s_mail, null, default));
        }

        foreach (var mail in mails)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(s_envelope, Encoding.ASCII.GetBytes(mail), null, default));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(new SmtpEnvelope("a@b.example\r\nX", ["ann@example.net"]), s_mail, null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(s_envelope with { EnvelopeId = "a b" }, s_mail, null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(s_envelope with { Recipients = [] }, s_mail, null, default));
        Assert.Equal(0, _server.Connections);
    }

    [Theory]
    [InlineData("ann@example.net", "bounce@acme.example", "SIZE=8 RET=HDRS ENVID=msg_1+2B+3D", "ann@example.net", true)]
    [InlineData("jörg@exämple.net", "bounce@acme.example", "SIZE=8 SMTPUTF8 RET=HDRS ENVID=msg_1+2B+3D", "jörg@xn--exmple-cua.net", false)]
    [InlineData("ann@exämple.net", "bounce@acme.example", "SIZE=8 RET=HDRS ENVID=msg_1+2B+3D", "ann@xn--exmple-cua.net", true)]
    [InlineData("ann@example.net", "jörg@acme.example", "SIZE=8 SMTPUTF8 RET=HDRS ENVID=msg_1+2B+3D", "ann@example.net", false)]
    public async Task International_addresses_go_where_they_are_understood(string recipient, string sender, string parameters, string written, bool passesWithout)
    {
        await using var modern = Session();
        await using var plain = Session();
        var envelope = new SmtpEnvelope(sender, [recipient], "msg_1+=");
        byte[] mail = [.. "A: b\r\n\r\n"u8];

        var accepted = (await modern.SendAsync(envelope, mail, null, default))[0];
        _server.Extensions.Remove("SMTPUTF8");
        var without = (await plain.SendAsync(envelope, mail, null, default))[0];

        Assert.Equal((SmtpVerdict.Accepted, recipient), (accepted.Verdict, accepted.Recipient));
        Assert.True(_server.Mails.TryDequeue(out var received));
        Assert.Equal((parameters, written), (received.Parameters, Assert.Single(received.Recipients)));
        Assert.Equal(passesWithout ? (SmtpVerdict.Accepted, "2.0.0") : (SmtpVerdict.Refused, "5.6.7"), (without.Verdict, without.EnhancedStatus));
    }

    [Fact]
    public async Task Only_the_recipients_a_server_cannot_take_are_left_out()
    {
        _server.Extensions.Remove("SMTPUTF8");
        await using var session = Session();

        var outcomes = await session.SendAsync(new SmtpEnvelope("bounce@acme.example", ["jörg@example.net", "ann@example.net"]), s_mail, null, default);

        Assert.Equal([SmtpVerdict.Refused, SmtpVerdict.Accepted], outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal(["ann@example.net"], Assert.Single(_server.Mails).Recipients);
    }

    [Fact]
    public async Task Mail_a_server_can_never_take_is_not_sent()
    {
        await using var session = Session();
        var eightBit = Encoding.UTF8.GetBytes("A: b\r\n\r\nGrüße\r\n");
        var header = Encoding.UTF8.GetBytes("A: Grüße\r\n\r\n");

        Assert.Equal("SIZE=17 BODY=8BITMIME", (await SendAndTakeAsync(eightBit)).Parameters);
        Assert.Equal("SIZE=14 BODY=8BITMIME SMTPUTF8", (await SendAndTakeAsync(header)).Parameters);
        await session.CloseAsync();
        _server.Extensions.Clear();
        _server.Extensions.Add("SIZE 1000");
        Assert.Equal("5.6.3", (await SendAsync(session, mail: eightBit)).EnhancedStatus);
        Assert.Equal("5.6.7", (await SendAsync(session, mail: header)).EnhancedStatus);
        var large = await SendAsync(session, mail: Encoding.ASCII.GetBytes("A: b\r\n\r\n" + new string('x', 1_000)));
        Assert.Equal((SmtpVerdict.Refused, "5.3.4", "The mail has 1,008 bytes and the server takes 1,000."), (large.Verdict, large.EnhancedStatus, large.Text));
        Assert.Empty(_server.Mails);

        async Task<ReceivedMail> SendAndTakeAsync(byte[] mail)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session, mail: mail)).Verdict);
            return _server.Mails.TryDequeue(out var received) ? received : throw new InvalidOperationException("Nothing arrived.");
        }
    }

    private SmtpSession Session(Func<SmtpServer, SmtpServer>? change = null)
    {
        var server = new SmtpServer { Host = "127.0.0.1", Port = _server.Port, Security = SmtpSecurity.None, HelloName = "news.acme.example", Timeouts = new SmtpTimeouts { Quit = TimeSpan.FromSeconds(0.5) } };
        return new SmtpSession(change?.Invoke(server) ?? server, _clock);
    }

    // Only what is slow: a busy machine must not make the other steps look slow, too.
    private static SmtpTimeouts SlowAt(string step, TimeSpan moment) => step switch
    {
        "CONNECT" => new SmtpTimeouts { Greeting = moment, Quit = moment },
        "DATA" => new SmtpTimeouts { Data = moment, Quit = moment },
        "CONTENT" => new SmtpTimeouts { Accept = moment, Quit = moment },
        _ => new SmtpTimeouts { Command = moment, Quit = moment },
    };

    private static async Task<SmtpOutcome> SendAsync(SmtpSession session, byte[]? mail = null) =>
        Assert.Single(await session.SendAsync(s_envelope, mail ?? s_mail, null, default));

    private static ValueTask Count(ref int count)
    {
        count++;
        return ValueTask.CompletedTask;
    }
}
