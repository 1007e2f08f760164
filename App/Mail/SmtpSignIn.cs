using System.Text;

namespace ScoreTracking.Mail;

/// <summary>Signing in (RFC 4954) by what the server offers and we have: PLAIN, else LOGIN, for a password; XOAUTH2 for an access token.</summary>
internal static class SmtpSignIn
{
    private const int GoOn = 334;
    private const int NotHere = 504; // that way is not implemented, whatever was offered

    private static readonly string[] s_passwordWays = ["PLAIN", "LOGIN"];
    private static readonly string[] s_tokenWays = ["XOAUTH2"];

    /// <exception cref="SmtpConnectionException">Nothing offered fits, the connection is not encrypted, or the server said no.</exception>
    public static async Task RunAsync(SmtpConnection connection, SmtpServer server, SmtpCapabilities capabilities, CancellationToken cancellationToken)
    {
        if (server.Credentials is not { } credentials)
        {
            return;
        }

        if (connection.Tls is null && !server.AllowSignInWithoutTls)
        {
            throw Refused("Signing in needs an encrypted connection, and this one is not.");
        }

        var ways = (credentials.IsToken ? s_tokenWays : s_passwordWays).Where(way => capabilities.SignIn.Contains(way)).ToList();
        if (ways.Count == 0)
        {
            throw Refused(capabilities.SignIn.Count == 0
                ? "The server offers no way to sign in."
                : $"The server offers no way to sign in with {credentials}: {MailLines.OneLine(string.Join(", ", capabilities.SignIn), 100)}.");
        }

        var secret = await credentials.SecretAsync(cancellationToken);
        SmtpReply? reply = null;
        foreach (var way in ways)
        {
            reply = await TryAsync(way, secret);
            if (reply.IsPositive)
            {
                return;
            }

            if (reply.Code != NotHere)
            {
                break;
            }
        }

        throw SmtpConnectionException.Of(SmtpStep.SignIn, reply!, "The server refused to sign us in");

        Task<SmtpReply> TryAsync(string way, string secret) => way switch
        {
            "PLAIN" => TalkAsync(way, $"\0{credentials.User}\0{secret}"),
            "LOGIN" => TalkAsync(way, null, credentials.User, secret),
            _ => TalkAsync(way, $"user={credentials.User}\u0001auth=Bearer {secret}\u0001\u0001", ""),
        };

        // The first answer goes with the command where the way has one; servers that ask for it all the same get it again.
        async Task<SmtpReply> TalkAsync(string way, string? first, params string[] answers)
        {
            var reply = await SayAsync(first is null ? $"AUTH {way}" : $"AUTH {way} {Encoded(first)}");
            var left = new Queue<string>(first is not null && reply.Code == GoOn && reply.Text.Length == 0 ? [first, .. answers] : answers);
            while (reply.Code == GoOn && left.TryDequeue(out var answer))
            {
                reply = await SayAsync(Encoded(answer));
            }

            return reply;
        }

        async Task<SmtpReply> SayAsync(string line)
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), SmtpStep.SignIn, server.Timeouts.Command, cancellationToken);
            return await connection.ReadReplyAsync(SmtpStep.SignIn, server.Timeouts.Command, cancellationToken);
        }
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static SmtpConnectionException Refused(string problem) => new(SmtpStep.SignIn, problem, needsOperator: true);
}
