using System.Security.Cryptography.X509Certificates;
using System.Text;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Mail;

/// <summary>Encryption, and who is at either end.</summary>
public sealed class SmtpSignInTests
{
    private static readonly SmtpCredentials s_password = SmtpCredentials.Password("ann", "pässword");

    [Theory]
    [InlineData(SmtpSecurity.Tls, "localhost")]
    [InlineData(SmtpSecurity.StartTls, "localhost")]
    [InlineData(SmtpSecurity.StartTls, "127.0.0.1")]
    public async Task A_mail_goes_encrypted_from_the_first_byte_or_after_STARTTLS(SmtpSecurity security, string host)
    {
        await using var server = new ScriptedSmtpServer { Certificate = SelfMadeCertificates.Local, ImplicitTls = security == SmtpSecurity.Tls };
        await using var session = Session(server, security, host: host);

        for (var index = 0; index < 3; index++)
        {
            Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
        }

        Assert.Equal("TLS 1.3", session.Capabilities!.Tls);
        Assert.Equal((1, 3), (server.Connections, server.Mails.Count));
        Assert.Equal(security == SmtpSecurity.StartTls ? ["EHLO", "STARTTLS", "EHLO", "MAIL"] : ["EHLO", "MAIL"], server.Lines.Select(line => line.Split(' ')[0]).Take(security == SmtpSecurity.StartTls ? 4 : 2));
    }

    [Theory]
    [InlineData(SmtpSecurity.Tls)]
    [InlineData(SmtpSecurity.StartTls)]
    public async Task A_certificate_that_is_not_right_ends_the_conversation_with_the_reason(SmtpSecurity security)
    {
        (X509Certificate2 Certificate, X509Certificate2Collection? Roots, string Problem)[] cases =
        [
            (SelfMadeCertificates.ForAnotherName, SelfMadeCertificates.Roots, "The server's certificate is not for localhost."),
            (SelfMadeCertificates.Expired, SelfMadeCertificates.Roots, "The server's certificate has expired or is not valid yet."),
            (SelfMadeCertificates.Local, null, "The server's certificate was issued by nobody we trust."),
            (SelfMadeCertificates.Local, [SelfMadeCertificates.ForAnotherName], "The server's certificate was issued by nobody we trust."),
        ];
        foreach (var (certificate, roots, problem) in cases)
        {
            await using var server = new ScriptedSmtpServer { Certificate = certificate, ImplicitTls = security == SmtpSecurity.Tls };
            await using var session = new SmtpSession(new SmtpServer { Host = "localhost", Port = server.Port, Security = security, TrustedRoots = roots }, TimeProvider.System);

            var exception = await Assert.ThrowsAsync<SmtpConnectionException>(() => session.ConnectAsync(default));
            var outcome = await SendAsync(session);

            Assert.Equal((SmtpStep.Tls, problem, true), (exception.Step, exception.Message, exception.NeedsOperator));
            Assert.Equal((SmtpVerdict.Unreachable, problem), (outcome.Verdict, outcome.Text));
            Assert.DoesNotContain(server.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Where_encryption_is_asked_for_nothing_goes_without()
    {
        await using var without = new ScriptedSmtpServer();
        await using var refusing = new ScriptedSmtpServer { Certificate = SelfMadeCertificates.Local, Answer = line => line == "STARTTLS" ? "454 4.7.0 not now" : null };
        await using var injecting = new ScriptedSmtpServer { Certificate = SelfMadeCertificates.Local, Answer = line => line == "STARTTLS" ? "220 go on\n250-mx.example\n250 AUTH PLAIN" : null };

        var offered = await FailureAsync(without, SmtpSecurity.StartTls);
        var refused = await FailureAsync(refusing, SmtpSecurity.StartTls);
        var injected = await FailureAsync(injecting, SmtpSecurity.StartTls);
        var notTls = await FailureAsync(without, SmtpSecurity.Tls, timeouts: new SmtpTimeouts { Tls = TimeSpan.FromSeconds(5) });

        Assert.Equal((SmtpStep.Tls, true, "The server offers no encryption."), (offered.Step, offered.NeedsOperator, offered.Message));
        Assert.Equal((SmtpStep.Tls, false, 454), (refused.Step, refused.NeedsOperator, refused.Reply?.Code));
        Assert.Equal(SmtpStep.Tls, injected.Step);
        Assert.Equal(SmtpStep.Tls, notTls.Step);
        Assert.Empty(without.Mails);
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", "AUTH PLAIN AGFubgBww6Rzc3dvcmQ=")]
    [InlineData("AUTH=LOGIN PLAIN", "AUTH PLAIN AGFubgBww6Rzc3dvcmQ=")]
    [InlineData("AUTH CRAM-MD5 LOGIN XOAUTH2", "AUTH LOGIN|YW5u|cMOkc3N3b3Jk")]
    [InlineData("auth login", "AUTH LOGIN|YW5u|cMOkc3N3b3Jk")]
    public async Task A_password_is_given_the_way_the_server_offers(string offer, string expected)
    {
        await using var server = SignInServer(offer);
        await using var session = Session(server, SmtpSecurity.Tls, s_password);

        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);

        Assert.Equal(expected, string.Join('|', server.Lines.Skip(1).TakeWhile(line => !line.StartsWith("MAIL", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task An_access_token_is_asked_for_at_every_sign_in()
    {
        await using var server = SignInServer("AUTH PLAIN LOGIN XOAUTH2");
        var asked = 0;
        await using var session = Session(server, SmtpSecurity.Tls, SmtpCredentials.AccessToken("ann@acme.example", _ => ValueTask.FromResult($"token{++asked}")));

        await session.ConnectAsync(default);
        await session.CloseAsync();
        await session.ConnectAsync(default);

        Assert.Equal(
            ["user=ann@acme.example\u0001auth=Bearer token1\u0001\u0001", "user=ann@acme.example\u0001auth=Bearer token2\u0001\u0001"],
            server.Lines.Where(line => line.StartsWith("AUTH XOAUTH2 ", StringComparison.Ordinal)).Select(line => Encoding.UTF8.GetString(Convert.FromBase64String(line[13..]))));
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", false, "AUTH PLAIN", "535 5.7.8 wrong", "The server refused to sign us in: 535 5.7.8 wrong", true)]
    [InlineData("AUTH PLAIN LOGIN", false, "AUTH PLAIN", "454 4.7.0 later", "The server refused to sign us in: 454 4.7.0 later", false)]
    [InlineData("AUTH XOAUTH2", true, "AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDEifQ==", "The server refused to sign us in: 535 5.7.8 no", true)]
    [InlineData("AUTH XOAUTH2 CRAM-MD5", false, "x", "x", "The server offers no way to sign in with password: XOAUTH2, CRAM-MD5.", true)]
    [InlineData("AUTH PLAIN", true, "x", "x", "The server offers no way to sign in with access token: PLAIN.", true)]
    [InlineData("HELP", false, "x", "x", "The server offers no way to sign in.", true)]
    public async Task A_sign_in_that_fails_says_why_and_never_goes_on_without(string offer, bool isToken, string at, string answer, string problem, bool needsOperator)
    {
        await using var server = SignInServer(offer);
        var usual = server.Answer;
        server.Answer = line => line.StartsWith(at, StringComparison.Ordinal) ? answer : line.Length == 0 ? "535 5.7.8 no" : usual(line);
        var credentials = isToken ? SmtpCredentials.AccessToken("ann", _ => ValueTask.FromResult("t")) : s_password;

        var exception = await FailureAsync(server, SmtpSecurity.Tls, credentials);

        Assert.Equal((SmtpStep.SignIn, problem, needsOperator), (exception.Step, exception.Message, exception.NeedsOperator));
        Assert.DoesNotContain("AUTH LOGIN", server.Lines);
    }

    [Fact]
    public async Task A_way_that_is_offered_but_not_there_is_passed_over()
    {
        await using var server = SignInServer("AUTH PLAIN LOGIN");
        var usual = server.Answer;
        server.Answer = line => line.StartsWith("AUTH PLAIN", StringComparison.Ordinal) ? "504 5.5.4 not implemented" : usual(line);
        await using var session = Session(server, SmtpSecurity.Tls, s_password);

        await session.ConnectAsync(default);

        Assert.Contains("AUTH LOGIN", server.Lines);
    }

    [Fact]
    public async Task A_server_that_asks_again_for_what_came_with_the_command_gets_it_again()
    {
        await using var server = SignInServer("AUTH PLAIN");
        var usual = server.Answer;
        server.Answer = line => line.StartsWith("AUTH PLAIN", StringComparison.Ordinal) ? "334 " : line == "AGFubgBww6Rzc3dvcmQ=" ? "235 ok" : usual(line);
        await using var session = Session(server, SmtpSecurity.Tls, s_password);

        await session.ConnectAsync(default);
    }

    [Fact]
    public async Task A_password_crosses_no_open_line_unless_told_so()
    {
        await using var server = SignInServer("AUTH PLAIN", isEncrypted: false);

        var exception = await FailureAsync(server, SmtpSecurity.None, s_password);
        await using var session = Session(server, SmtpSecurity.None, s_password, change: given => given with { AllowSignInWithoutTls = true });

        Assert.Equal((SmtpStep.SignIn, true), (exception.Step, exception.NeedsOperator));
        Assert.DoesNotContain(server.Lines, line => line.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.Equal(SmtpVerdict.Accepted, (await SendAsync(session)).Verdict);
    }

    [Fact]
    public void Settings_shown_in_a_log_keep_the_password_to_themselves() =>
        Assert.DoesNotContain("pässword", new SmtpServer { Host = "x", Credentials = s_password }.ToString(), StringComparison.Ordinal);

    // LOGIN asks for name and password; anything that is base64 is taken for the right answer.
    private static ScriptedSmtpServer SignInServer(string offer, bool isEncrypted = true)
    {
        var asked = 0;
        var server = new ScriptedSmtpServer { Certificate = isEncrypted ? SelfMadeCertificates.Local : null, ImplicitTls = isEncrypted };
        server.Extensions.Add(offer);
        server.Answer = line =>
            line == "AUTH LOGIN" ? Ask(2)
            : line.StartsWith("AUTH", StringComparison.Ordinal) ? "235 2.7.0 welcome"
            : asked > 0 && !line.Contains(' ') ? --asked == 0 ? "235 2.7.0 welcome" : "334 UGFzc3dvcmQ6"
            : null;
        return server;

        string Ask(int answers)
        {
            asked = answers;
            return "334 VXNlcm5hbWU6";
        }
    }

    private static SmtpSession Session(ScriptedSmtpServer server, SmtpSecurity security, SmtpCredentials? credentials = null, string host = "localhost", Func<SmtpServer, SmtpServer>? change = null)
    {
        var settings = new SmtpServer { Host = host, Port = server.Port, Security = security, Credentials = credentials, TrustedRoots = SelfMadeCertificates.Roots };
        return new SmtpSession(change?.Invoke(settings) ?? settings, TimeProvider.System);
    }

    private static async Task<SmtpConnectionException> FailureAsync(ScriptedSmtpServer server, SmtpSecurity security, SmtpCredentials? credentials = null, SmtpTimeouts? timeouts = null)
    {
        await using var session = Session(server, security, credentials, change: given => given with { Timeouts = timeouts ?? given.Timeouts });
        return await Assert.ThrowsAsync<SmtpConnectionException>(() => session.ConnectAsync(default));
    }

    private static async Task<SmtpOutcome> SendAsync(SmtpSession session) =>
        Assert.Single(await session.SendAsync(new SmtpEnvelope("bounce@acme.example", ["ann@example.net"]), Encoding.ASCII.GetBytes("Subject: x\r\n\r\nhello\r\n"), null, default));
}
