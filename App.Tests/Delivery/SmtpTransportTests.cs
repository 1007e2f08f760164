using ScoreTracking.Delivery;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>What servers do wrong, as the queue is told of it.</summary>
public sealed class SmtpTransportTests : IAsyncLifetime
{
    private readonly ScriptedSmtpServer _server = new();
    private readonly TestClock _clock = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_letter_that_was_taken_is_known_by_its_Message_ID_and_bounces_name_ours()
    {
        await using var transport = Transport();
        var noted = 0;

        var handOff = await SendAsync(transport, before: _ => { noted++; return ValueTask.CompletedTask; });

        Assert.Equal((SmtpVerdict.Accepted, 250, "m1@acme.example", false), (handOff.Verdict, handOff.Code, handOff.EspMessageId, handOff.NeedsOperator));
        Assert.Equal(1, noted);
        Assert.True(_server.Mails.TryDequeue(out var mail));
        Assert.Equal(("bounce@acme.example", "ann@example.net"), (mail.Sender, Assert.Single(mail.Recipients)));
        Assert.Contains("ENVID=msg_7", mail.Parameters, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MAIL", "<drop>", SmtpVerdict.Unreachable, null, false)]
    [InlineData("RCPT", "550 5.1.1 no such user", SmtpVerdict.Refused, 550, false)]
    [InlineData("RCPT", "451 4.7.1 greylisted, come back in 8 hours", SmtpVerdict.Deferred, 451, false)]
    [InlineData("RCPT", "421 4.7.0 that is enough\n<drop>", SmtpVerdict.Unreachable, 421, false)]
    [InlineData("DATA", "<drop>", SmtpVerdict.Unreachable, null, false)]
    [InlineData("CONTENT", "<drop>", SmtpVerdict.Uncertain, null, false)]
    [InlineData("CONTENT", "gibberish", SmtpVerdict.Uncertain, null, false)]
    [InlineData("CONTENT", "554 5.7.1 looks like spam", SmtpVerdict.Refused, 554, false)]
    [InlineData("EHLO", "gibberish", SmtpVerdict.Unreachable, null, false)]
    [InlineData("CONNECT", "554 5.7.1 not from your network", SmtpVerdict.Unreachable, 554, true)]
    [InlineData("CONNECT", "421 4.3.2 too busy\n<drop>", SmtpVerdict.Unreachable, 421, false)]
    [InlineData("MAIL", "530 5.7.0 Authentication required", SmtpVerdict.Unreachable, 530, true)]
    [InlineData("MAIL", "530 5.7.0 Must issue a STARTTLS command first", SmtpVerdict.Unreachable, 530, true)]
    public async Task What_a_bad_server_does_is_never_more_than_it_is(string at, string answer, SmtpVerdict verdict, int? code, bool needsOperator)
    {
        _server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? answer : null;
        await using var transport = Transport();

        var handOff = await SendAsync(transport);

        Assert.Equal((verdict, code, needsOperator), (handOff.Verdict, handOff.Code, handOff.NeedsOperator));
        Assert.NotEmpty(handOff.Text);
        Assert.Empty(_server.Mails);
    }

    [Theory]
    [InlineData("MAIL", SmtpVerdict.Unreachable)]
    [InlineData("DATA", SmtpVerdict.Unreachable)]
    [InlineData("CONTENT", SmtpVerdict.Uncertain)]
    public async Task A_slow_server_is_waited_for_no_longer_than_agreed(string at, SmtpVerdict verdict)
    {
        _server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? ScriptedSmtpServer.Silent : null;
        var moment = TimeSpan.FromSeconds(1);
        await using var transport = Transport(server => server with
        {
            // Only what is slow: a busy machine must not make the steps before it look slow, too.
            Timeouts = at switch
            {
                "MAIL" => new SmtpTimeouts { Command = moment, Quit = moment },
                "DATA" => new SmtpTimeouts { Data = moment, Quit = moment },
                _ => new SmtpTimeouts { Accept = moment, Quit = moment },
            },
        });

        Assert.Equal(verdict, (await SendAsync(transport)).Verdict);
    }

    [Fact]
    public async Task A_server_that_offers_no_way_to_sign_in_stops_the_connection_and_no_letter()
    {
        await using var transport = Transport(server => server with { Credentials = SmtpCredentials.Password("ann", "secret"), AllowSignInWithoutTls = true });

        var handOff = await SendAsync(transport);

        Assert.Equal((SmtpVerdict.Unreachable, true, "The server offers no way to sign in."), (handOff.Verdict, handOff.NeedsOperator, handOff.Text));
    }

    [Fact]
    public async Task A_server_with_another_ones_certificate_stops_the_connection()
    {
        await using var server = new ScriptedSmtpServer { Certificate = SelfMadeCertificates.ForAnotherName };
        await using var transport = new SmtpTransport(Server(server.Port) with { Host = "localhost", Security = SmtpSecurity.StartTls, TrustedRoots = SelfMadeCertificates.Roots }, _clock);

        var handOff = await SendAsync(transport);

        Assert.Equal((SmtpVerdict.Unreachable, true, "The server's certificate is not for localhost."), (handOff.Verdict, handOff.NeedsOperator, handOff.Text));
        Assert.DoesNotContain(server.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_has_enough_at_every_fifth_letter_loses_none()
    {
        var mails = 0;
        _server.Answer = line => line.StartsWith("MAIL", StringComparison.Ordinal) && ++mails % 5 == 0 ? "421 4.7.0 that is enough\n<drop>" : null;
        await using var transport = Transport();

        for (var index = 0; index < 12; index++)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(transport)).Verdict);
        }

        Assert.Equal(12, _server.Mails.Count);
    }

    [Fact]
    public async Task An_address_the_server_cannot_take_is_refused_without_asking_it()
    {
        _server.Extensions.Remove("SMTPUTF8");
        await using var transport = Transport();

        var international = await SendAsync(transport, "jörg@example.net");
        var none = await SendAsync(transport, "not an address");

        Assert.Equal((SmtpVerdict.Refused, "5.6.7"), (international.Verdict, international.EnhancedStatus));
        Assert.Equal((SmtpVerdict.Refused, "5.1.3"), (none.Verdict, none.EnhancedStatus));
        Assert.DoesNotContain(_server.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    private SmtpTransport Transport(Func<SmtpServer, SmtpServer>? change = null) => new(change?.Invoke(Server(_server.Port)) ?? Server(_server.Port), _clock);

    private static SmtpServer Server(int port) => new() { Host = "127.0.0.1", Port = port, Security = SmtpSecurity.None, HelloName = "news.acme.example", Timeouts = new SmtpTimeouts { Quit = TimeSpan.FromSeconds(0.5) } };

    private static async Task<HandOff> SendAsync(SmtpTransport transport, string to = "ann@example.net", Func<CancellationToken, ValueTask>? before = null) =>
        Assert.Single(await transport.SendAsync([SomeLetter.To(to)], before, null, TestContext.Current.CancellationToken));
}
