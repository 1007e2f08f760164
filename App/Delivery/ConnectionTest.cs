using System.Net;
using System.Security.Cryptography;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>How far one step of handing over got.</summary>
/// <param name="Step">connect, tls, greeting, hello, sign_in, sender, recipient, data, content or accept for a mail server; request for an ESP.</param>
/// <param name="Text">What was said, or what is wrong: a sentence for people.</param>
public sealed record ConnectionTestStep(string Step, bool Ok, string Text);

/// <summary>What came of a test mail.</summary>
/// <param name="Sent">The server took it.</param>
/// <param name="Verdict">accepted, refused, deferred, unreachable or uncertain.</param>
/// <param name="Steps">In order, up to the one that failed.</param>
public sealed record ConnectionTestAnswer(bool Sent, string Verdict, string From, string To, IReadOnlyList<ConnectionTestStep> Steps);

/// <summary>Sends a connection's test mail and tells how each step went. It is no message: nothing is counted, nothing tracked.</summary>
public sealed class ConnectionTest(SmtpServers servers, Transports transports, LetterWriter letters, TimeProvider time)
{
    // Somebody is watching.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly SmtpStep[] s_transaction = [SmtpStep.Sender, SmtpStep.Recipient, SmtpStep.Data, SmtpStep.Content, SmtpStep.Accept];

    /// <param name="to">An address that can be written: see <see cref="WireAddress"/>.</param>
    public async Task<ConnectionTestAnswer> RunAsync(SendingConnection connection, string to, CancellationToken cancellationToken)
    {
        var from = connection.From ?? to;
        var letter = await letters.WriteAsync(0, to, from, Mail(connection, from, to), cancellationToken);
        if (connection.Provider == SmtpKind.Name)
        {
            return await BySmtpAsync(connection, letter, cancellationToken);
        }

        await using var transport = transports.Open(connection);
        var handOff = (await transport.SendAsync([letter], beforeContent: null, following: null, cancellationToken))[0];
        return Answer(handOff.Verdict, from, to, [new ConnectionTestStep("request", handOff.Verdict == SmtpVerdict.Accepted, handOff.Text)]);
    }

    private async Task<ConnectionTestAnswer> BySmtpAsync(SendingConnection connection, Letter letter, CancellationToken cancellationToken)
    {
        var server = servers.Of(connection, s_patience);
        await using var transport = servers.Open(connection, time, s_patience);
        try
        {
            await transport.ConnectAsync(cancellationToken);
        }
        catch (SmtpConnectionException exception)
        {
            var opening = Opening(server);
            return Answer(SmtpVerdict.Unreachable, letter.EnvelopeFrom, letter.Recipient,
                [.. opening.TakeWhile(step => step != exception.Step).Select(step => Done(step, server, null)), new ConnectionTestStep(Name(exception.Step), false, exception.Message)]);
        }

        var capabilities = transport.Capabilities!;
        var (outcome, handOff) = await transport.SendOneAsync(letter, beforeContent: null, following: null, cancellationToken);
        var decidedAt = outcome?.Step ?? SmtpStep.Sender;
        var isSent = handOff.Verdict == SmtpVerdict.Accepted;
        return Answer(handOff.Verdict, letter.EnvelopeFrom, letter.Recipient,
        [
            .. Opening(server).Select(step => Done(step, server, capabilities)),
            .. s_transaction.TakeWhile(step => step != decidedAt).Select(step => Told(step, letter)),
            new ConnectionTestStep(Name(decidedAt), isSent, Said(handOff)),
        ]);
    }

    private OutgoingMail Mail(SendingConnection connection, string from, string to)
    {
        var text = $"This mail tests the connection “{connection.Name}” of ScoreTracking. You read it, so mail can be handed over there.";
        return new OutgoingMail
        {
            From = new Mailbox(from, "ScoreTracking"),
            To = [new Mailbox(to, null)],
            Subject = $"Test mail of “{connection.Name}”",
            Text = text + "\r\n",
            Html = $"<p>{WebUtility.HtmlEncode(text)}</p>",
            Date = time.GetUtcNow(),
            MessageId = MimeWriter.MessageId($"test-{RandomNumberGenerator.GetHexString(24, lowercase: true)}", from[(from.LastIndexOf('@') + 1)..]),
        };
    }

    private static IEnumerable<SmtpStep> Opening(SmtpServer server)
    {
        yield return SmtpStep.Connect;
        if (server.Security == SmtpSecurity.Tls)
        {
            yield return SmtpStep.Tls;
        }

        yield return SmtpStep.Greeting;
        yield return SmtpStep.Hello;
        if (server.Security == SmtpSecurity.StartTls)
        {
            yield return SmtpStep.Tls;
        }

        if (server.Credentials is not null)
        {
            yield return SmtpStep.SignIn;
        }
    }

    private static ConnectionTestStep Done(SmtpStep step, SmtpServer server, SmtpCapabilities? capabilities) => new(Name(step), true, step switch
    {
        SmtpStep.Connect => $"{server.Host} answers on port {server.Port}.",
        SmtpStep.Tls => capabilities?.Tls is { } tls ? $"Encrypted with {tls}, and its certificate is good." : "Encrypted, and its certificate is good.",
        SmtpStep.Greeting => "It takes mail.",
        SmtpStep.Hello when capabilities is { Extensions.Count: > 0 } => $"It offers {MailLines.OneLine(string.Join(", ", capabilities.Extensions.Keys.Order(StringComparer.Ordinal)), MailLimits.Line)}.",
        SmtpStep.SignIn => $"Signed in as {server.Credentials!.User}.",
        _ => "Fine.",
    });

    private static ConnectionTestStep Told(SmtpStep step, Letter letter) => new(Name(step), true, step switch
    {
        SmtpStep.Sender => $"It takes mail from {letter.EnvelopeFrom}.",
        SmtpStep.Recipient => $"It takes mail for {letter.Recipient}.",
        SmtpStep.Data => "It is ready for the mail.",
        _ => $"The mail went out: {letter.Mime.Length:N0} bytes.",
    });

    private static string Said(HandOff handOff)
    {
        var code = string.Join(' ', new[] { handOff.Code?.ToString(System.Globalization.CultureInfo.InvariantCulture), handOff.EnhancedStatus, handOff.Text }.Where(part => part is { Length: > 0 }));
        return code.Length > 0 ? code : "It said nothing.";
    }

    private static string Name(SmtpStep step) => step switch
    {
        SmtpStep.Connect => "connect",
        SmtpStep.Tls => "tls",
        SmtpStep.Greeting => "greeting",
        SmtpStep.Hello => "hello",
        SmtpStep.SignIn => "sign_in",
        SmtpStep.Sender => "sender",
        SmtpStep.Recipient => "recipient",
        SmtpStep.Data => "data",
        SmtpStep.Content => "content",
        SmtpStep.Accept => "accept",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private static ConnectionTestAnswer Answer(SmtpVerdict verdict, string from, string to, IReadOnlyList<ConnectionTestStep> steps) =>
        new(verdict == SmtpVerdict.Accepted, verdict.ToString().ToLowerInvariant(), from, to, steps);
}
