using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

/// <summary>Messages one behind the other, each asked about in the same breath as the content of the one before (RFC 2920).</summary>
public sealed class SmtpGroupsTests : SmtpSessionScene
{
    private static readonly string[] s_people = ["ann@example.net", "bob@example.net", "cid@example.net"];

    [Fact]
    public async Task The_next_message_is_asked_about_behind_the_end_of_the_one_before()
    {
        var letters = Letters(3);
        await using var session = Session();
        var begun = 0;

        Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[0], _ => Count(ref begun), () => letters[1], default))[0].Verdict);
        await Eventually.TrueAsync(() => Server.Lines.Count(line => line == "DATA") == 2);
        Assert.Equal((1, 1), (Server.Mails.Count, begun));
        Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[1], _ => Count(ref begun), () => letters[2], default))[0].Verdict);
        Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[2], _ => Count(ref begun), null, default))[0].Verdict);

        Assert.Equal((1, 3), (Server.Connections, begun));
        Assert.Equal(s_people, Server.Mails.Select(mail => mail.Recipients.Single()));
        Assert.All(Server.Mails, mail => Assert.Equal(SpringMail, mail.Content));
    }

    [Fact]
    public async Task AServer_that_answers_each_command_is_asked_in_its_turn()
    {
        Server.Extensions.Remove("PIPELINING");
        await using var session = Session();

        Assert.Equal([SmtpVerdict.Accepted, SmtpVerdict.Accepted, SmtpVerdict.Accepted], await SendAllAsync(session));

        Assert.Equal((1, 3), (Server.Connections, Server.Mails.Count));
        Assert.Empty(Server.Pipelined);
    }

    [Fact]
    public async Task AMessage_that_was_asked_about_and_does_not_come_delivers_nothing()
    {
        var letters = Letters(3);
        await using (var session = Session())
        {
            // Hanging up may take with it what the server has not read yet.
            await session.SendAsync(letters[0], null, () => letters[1], default);
            await Eventually.TrueAsync(() => Server.Lines.Count(line => line == "DATA") == 2);
            Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[2], null, () => letters[1], default))[0].Verdict);
            await Eventually.TrueAsync(() => Server.Lines.Count(line => line == "DATA") == 4);
            Assert.Equal(2, Server.Connections);
        }

        Assert.Equal(["ann@example.net", "cid@example.net"], Server.Mails.Select(mail => mail.Recipients.Single()));
        Assert.DoesNotContain("QUIT", Server.Lines); // it would have been the content's first line
    }

    [Theory]
    [InlineData("MAIL", 2, "451 4.3.0 later", SmtpVerdict.Accepted, SmtpVerdict.Deferred, 2)] // this server wants the mail all the same
    [InlineData("RCPT", 2, "550 5.1.1 unknown", SmtpVerdict.Accepted, SmtpVerdict.Refused, 1)]
    [InlineData("DATA", 2, "450 4.7.1 greylisted", SmtpVerdict.Accepted, SmtpVerdict.Deferred, 1)]
    [InlineData("MAIL", 2, "421 4.7.0 that is enough\n<drop>", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("RCPT", 2, "421 4.7.0 that is enough\n<drop>", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("MAIL", 2, "<drop>", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("DATA", 2, "<drop>", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("MAIL", 2, "banana", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("MAIL", 2, "503 5.5.1 not now", SmtpVerdict.Accepted, SmtpVerdict.Accepted, 2)]
    [InlineData("CONTENT", 1, "554 5.7.1 spam", SmtpVerdict.Refused, SmtpVerdict.Accepted, 1)]
    [InlineData("CONTENT", 1, "451 4.7.1 later", SmtpVerdict.Deferred, SmtpVerdict.Accepted, 1)]
    [InlineData("CONTENT", 1, "421 4.3.2 going down\n<drop>", SmtpVerdict.Unreachable, SmtpVerdict.Accepted, 2)]
    [InlineData("CONTENT", 1, "<drop>", SmtpVerdict.Uncertain, SmtpVerdict.Accepted, 2)]
    [InlineData("CONTENT", 2, "<drop>", SmtpVerdict.Accepted, SmtpVerdict.Uncertain, 2)]
    public async Task What_aServer_says_is_said_of_the_message_it_is_about(string at, int time, string answer, SmtpVerdict first, SmtpVerdict second, int connections)
    {
        var times = 0;
        Server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) && Interlocked.Increment(ref times) == time ? answer : null;
        await using var session = Session();

        Assert.Equal([first, second, SmtpVerdict.Accepted], await SendAllAsync(session));

        Assert.Equal(connections, Server.Connections);
        Assert.Equal(
            s_people.Zip([first, second, SmtpVerdict.Accepted]).Where(one => one.Second == SmtpVerdict.Accepted).Select(one => one.First),
            Server.Mails.Select(mail => mail.Recipients.Single()));
    }

    [Fact]
    public async Task AServer_that_loses_what_comes_behind_a_mail_is_asked_in_its_turn_from_then_on()
    {
        var senders = 0;
        Server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) && Interlocked.Increment(ref senders) == 2 ? ScriptedSmtpServer.Silent : null;
        await using var session = Session(server => server with { Timeouts = new SmtpTimeouts { Command = TimeSpan.FromSeconds(2), Quit = TimeSpan.FromSeconds(0.5) } });
        var letters = Letters(3);

        Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[0], null, () => letters[1], default))[0].Verdict);
        Assert.Equal(SmtpVerdict.Accepted, (await session.SendAsync(letters[1], null, () => letters[2], default))[0].Verdict);
        await session.CloseAsync();

        Assert.Equal("QUIT", Server.Lines.Last()); // nothing was asked behind the second
        Assert.Equal(2, Server.Mails.Count);
    }

    [Fact]
    public async Task Nothing_is_asked_over_a_connection_that_has_carried_enough()
    {
        await using var session = Session(server => server with { MaxMessages = 2 });

        Assert.Equal([SmtpVerdict.Accepted, SmtpVerdict.Accepted, SmtpVerdict.Accepted], await SendAllAsync(session));

        Assert.Equal((2, 3), (Server.Connections, Server.Lines.Count(line => line == "DATA")));
        Assert.Single(Server.Lines, line => line == "QUIT");
    }

    // Each with the one behind it named, as a queue does that knows what comes.
    private static async Task<SmtpVerdict[]> SendAllAsync(SmtpSession session)
    {
        var letters = Letters(3);
        var verdicts = new SmtpVerdict[letters.Length];
        for (var index = 0; index < letters.Length; index++)
        {
            var next = index + 1 < letters.Length ? letters[index + 1] : null;
            verdicts[index] = (await session.SendAsync(letters[index], null, () => next, default))[0].Verdict;
        }

        return verdicts;
    }

    private static SmtpLetter[] Letters(int count) => [.. s_people.Take(count).Select(person => new SmtpLetter(new SmtpEnvelope("bounce@acme.example", [person]), SpringMail))];
}
