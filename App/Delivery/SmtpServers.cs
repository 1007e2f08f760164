using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using ScoreTracking.Connections;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>A connection's settings as the mail server they describe.</summary>
public sealed class SmtpServers(OwnPorts ownPorts, AccessTokens tokens, IOptions<TransportOptions> options)
{
    /// <param name="most">Longest wait for any answer; null for the usual.</param>
    public SmtpServer Of(SendingConnection connection, TimeSpan? most = null) => Of(connection, most, _ => { });

    /// <summary>A connection's transport.</summary>
    /// <param name="most">Longest wait for any answer; null for the usual.</param>
    public SmtpTransport Open(SendingConnection connection, TimeProvider time, TimeSpan? most = null)
    {
        string? used = null;
        var server = Of(connection, most, token => used = token);
        return new SmtpTransport(server, time, () => used is not null && tokens.Forget(connection, used));
    }

    private SmtpServer Of(SendingConnection connection, TimeSpan? most, Action<string> uses)
    {
        var port = connection.Setting("port") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : SmtpKind.DefaultPort(connection.Setting("security") ?? "starttls");
        return new SmtpServer
        {
            Host = connection.Setting("host")!,
            Port = port,
            Security = connection.Setting("security") switch
            {
                "none" => SmtpSecurity.None,
                "tls" => SmtpSecurity.Tls,
                null when port == SmtpKind.DefaultPort("tls") => SmtpSecurity.Tls,
                _ => SmtpSecurity.StartTls,
            },
            Credentials = Credentials(connection, uses),
            AllowSignInWithoutTls = connection.Setting("allow_sign_in_without_tls") == "true",
            HelloName = connection.Setting("hello_name"),
            TrustedRoots = connection.Setting("authority_pem") is { } pem ? Authorities(pem) : null,
            MayConnectTo = address => ownPorts.MayConnectTo(address, port),
            Timeouts = Timeouts(most ?? options.Value.SmtpTimeout),
        };
    }

    private SmtpCredentials? Credentials(SendingConnection connection, Action<string> uses)
    {
        if (connection.Setting("user") is not { } user)
        {
            return null;
        }

        return connection.Setting("token_url") is null
            ? SmtpCredentials.Password(user, connection.Secret("password") ?? "")
            : SmtpCredentials.AccessToken(user, async cancellationToken =>
            {
                var token = await tokens.FindAsync(connection, cancellationToken);
                uses(token);
                return token;
            });
    }

    private SmtpTimeouts Timeouts(TimeSpan most)
    {
        var usual = new SmtpTimeouts { AcceptWhenCancelled = options.Value.StopTimeout };
        return usual with
        {
            Connect = Least(usual.Connect),
            Tls = Least(usual.Tls),
            Greeting = Least(usual.Greeting),
            Command = Least(usual.Command),
            Data = Least(usual.Data),
            Block = Least(usual.Block),
            Accept = Least(usual.Accept),
            AcceptWhenCancelled = Least(usual.AcceptWhenCancelled),
        };

        TimeSpan Least(TimeSpan time) => time < most ? time : most;
    }

    private static X509Certificate2Collection Authorities(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return found;
    }
}
