using System.Text;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

public sealed class SmtpSessionTests : SmtpSessionScene
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task A_message_is_handed_over_as_it_is(bool pipelining)
    {
        if (!pipelining)
        {
            Server.Extensions.Remove("PIPELINING");
        }

        await using var session = Session();
        var outcome = await SendAsync(session);

        Assert.Equal(new SmtpOutcome("ann@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"), outcome);
        var mail = Assert.Single(Server.Mails);
        Assert.Equal(SpringMail, mail.Content);
        Assert.Equal(("bounce@acme.example", "ann@example.net"), (mail.Sender, Assert.Single(mail.Recipients)));
        Assert.Equal(pipelining, !Server.Pipelined.IsEmpty);
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

        Assert.Equal("A: b\r\n\r\n" + body + (body.Length > 0 && !body.EndsWith('\n') ? "\r\n" : ""), Assert.Single(Server.Mails).Text);
    }

    [Fact]
    public async Task A_mail_of_megabytes_arrives_whole()
    {
        var mail = Encoding.ASCII.GetBytes("A: b\r\n\r\n" + string.Concat(Enumerable.Range(0, 100_000).Select(line => $".{line} spring is here\r\n")));
        await using var session = Session();

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session, mail: mail)).Verdict);

        Assert.Equal(mail, Assert.Single(Server.Mails).Content);
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

        Assert.Equal((1, 20), (Server.Connections, Server.Mails.Count));
        Assert.DoesNotContain("RSET", Server.Lines);
        Assert.Equal("QUIT", Server.Lines.Last());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Each_recipient_gets_the_answer_that_was_theirs(bool pipelining)
    {
        if (!pipelining)
        {
            Server.Extensions.Remove("PIPELINING");
        }

        Server.Answer = line =>
            line.Contains("<b@", StringComparison.Ordinal) ? "550-5.1.1 no such\n550 5.1.1 user here"
            : line.Contains("<c@", StringComparison.Ordinal) ? "450 4.2.0 greylisted"
            : line.Contains("<d@", StringComparison.Ordinal) ? "251 will forward"
            : null;
        await using var session = Session();

        var outcomes = await session.SendAsync(new SmtpEnvelope("", ["a@example.net", "b@example.net", "c@example.net", "d@example.net"]), SpringMail, null, default);

        Assert.Equal(
            [
                new SmtpOutcome("a@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"),
                new SmtpOutcome("b@example.net", SmtpVerdict.Refused, SmtpStep.Recipient, 550, "5.1.1", "no such user here"),
                new SmtpOutcome("c@example.net", SmtpVerdict.Deferred, SmtpStep.Recipient, 450, "4.2.0", "greylisted"),
                new SmtpOutcome("d@example.net", SmtpVerdict.Accepted, SmtpStep.Accept, 250, "2.0.0", "queued"),
            ],
            outcomes);
        Assert.Equal(["a@example.net", "d@example.net"], Assert.Single(Server.Mails).Recipients);
        Assert.Equal("", Assert.Single(Server.Mails).Sender);
    }

    [Theory]
    [InlineData(true, "554 5.5.1 no valid recipients")]
    [InlineData(true, "354 go on all the same")]
    [InlineData(false, null)]
    public async Task A_refused_recipient_costs_the_next_message_nothing(bool pipelining, string? data)
    {
        if (!pipelining)
        {
            Server.Extensions.Remove("PIPELINING");
        }

        var isFirst = true;
        Server.Answer = line =>
        {
            var answer = isFirst && line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 5.1.1 unknown" : isFirst && line == "DATA" ? data : null;
            isFirst &= line != "DATA" && (pipelining || !line.StartsWith("RCPT", StringComparison.Ordinal));
            return answer;
        };
        await using var session = Session();
        var begun = 0;

        var first = (await session.SendAsync(Envelope, SpringMail, _ => Count(ref begun), default))[0];
        var second = (await session.SendAsync(Envelope, SpringMail, _ => Count(ref begun), default))[0];

        Assert.Equal((SmtpVerdict.Refused, SmtpStep.Recipient, 550), (first.Verdict, first.Step, first.Code));
        Assert.Equal(SmtpVerdict.Accepted, second.Verdict);
        Assert.Equal((1, 1), (Server.Mails.Count, begun));
        Assert.Equal(data?.StartsWith('3') == true ? 2 : 1, Server.Connections); // nobody is sent an empty mail, so that conversation ends
    }

    [Theory]
    [InlineData("250-mx.example\n250-SIZE 100\n250 8BITMIME", 100L, true)]
    [InlineData("250-mx.example\n250-size 0\n250 8bitmime", null, true)]
    [InlineData("250 mx.example PIPELINING", null, false)]
    [InlineData("250-mx.example\n250-\n250-SIZE nonsense\n250-=\n250", null, false)]
    public async Task What_aServer_can_do_is_read_however_it_is_written(string answer, long? size, bool has8Bit)
    {
        Server.Answer = line => line.StartsWith("EHLO", StringComparison.Ordinal) ? answer : null;
        await using var session = Session();

        await session.ConnectAsync(default);

        Assert.Equal((size, has8Bit, false), (session.Capabilities!.MaxSize, session.Capabilities.Has8BitMime, session.Capabilities.HasPipelining));
    }

    [Fact]
    public async Task A_session_is_for_one_caller_at_a_time()
    {
        await using var session = Session();

        await session.SendAsync(Envelope, SpringMail, async token => await Assert.ThrowsAsync<InvalidOperationException>(() => session.SendAsync(Envelope, SpringMail, null, token)), default);

        Assert.Single(Server.Mails);
    }

    [Fact]
    public async Task What_could_end_a_command_or_the_mail_early_is_refused()
    {
        await using var session = Session();
        string[] addresses = ["ann@example.net>\r\nRCPT TO:<eve@evil.example", "ann", "ann@example.net SIZE=1", "a>b@example.net", "", "ann@exa\0mple.net"];
        string[] mails = ["A: b\n\nx\r\n", "A: b\r\n\r\nx\n.\nMAIL FROM:<eve@evil.example>\r\n", "A: b\r\n\r\nx\r.\r\n", "A: b\r\n\r\n\0"];

        foreach (var address in addresses)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(new SmtpEnvelope("a@b.example", [address]), SpringMail, null, default));
        }

        foreach (var mail in mails)
        {
            await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(Envelope, Encoding.ASCII.GetBytes(mail), null, default));
        }

        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(new SmtpEnvelope("a@b.example\r\nX", ["ann@example.net"]), SpringMail, null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(Envelope with { EnvelopeId = "a b" }, SpringMail, null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync(Envelope with { Recipients = [] }, SpringMail, null, default));
        Assert.Equal(0, Server.Connections);
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
        Server.Extensions.Remove("SMTPUTF8");
        var without = (await plain.SendAsync(envelope, mail, null, default))[0];

        Assert.Equal((SmtpVerdict.Accepted, recipient), (accepted.Verdict, accepted.Recipient));
        Assert.True(Server.Mails.TryDequeue(out var received));
        Assert.Equal((parameters, written), (received.Parameters, Assert.Single(received.Recipients)));
        Assert.Equal(passesWithout ? (SmtpVerdict.Accepted, "2.0.0") : (SmtpVerdict.Refused, "5.6.7"), (without.Verdict, without.EnhancedStatus));
    }

    [Fact]
    public async Task Only_the_recipients_aServer_cannot_take_are_left_out()
    {
        Server.Extensions.Remove("SMTPUTF8");
        await using var session = Session();

        var outcomes = await session.SendAsync(new SmtpEnvelope("bounce@acme.example", ["jörg@example.net", "ann@example.net"]), SpringMail, null, default);

        Assert.Equal([SmtpVerdict.Refused, SmtpVerdict.Accepted], outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal(["ann@example.net"], Assert.Single(Server.Mails).Recipients);
    }

    [Fact]
    public async Task Mail_aServer_can_never_take_is_not_sent()
    {
        await using var session = Session();
        var eightBit = Encoding.UTF8.GetBytes("A: b\r\n\r\nGrüße\r\n");
        var header = Encoding.UTF8.GetBytes("A: Grüße\r\n\r\n");

        Assert.Equal("SIZE=17 BODY=8BITMIME", (await SendAndTakeAsync(eightBit)).Parameters);
        Assert.Equal("SIZE=14 BODY=8BITMIME SMTPUTF8", (await SendAndTakeAsync(header)).Parameters);
        await session.CloseAsync();
        Server.Extensions.Clear();
        Server.Extensions.Add("SIZE 1000");
        Assert.Equal("5.6.3", (await SendAsync(session, mail: eightBit)).EnhancedStatus);
        Assert.Equal("5.6.7", (await SendAsync(session, mail: header)).EnhancedStatus);
        var large = await SendAsync(session, mail: Encoding.ASCII.GetBytes("A: b\r\n\r\n" + new string('x', 1_000)));
        Assert.Equal((SmtpVerdict.Refused, "5.3.4", "The mail has 1,008 bytes and the server takes 1,000."), (large.Verdict, large.EnhancedStatus, large.Text));
        Assert.Empty(Server.Mails);

        async Task<ReceivedMail> SendAndTakeAsync(byte[] mail)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session, mail: mail)).Verdict);
            return Server.Mails.TryDequeue(out var received) ? received : throw new InvalidOperationException("Nothing arrived.");
        }
    }
}
