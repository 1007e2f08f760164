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
    public SmtpServer Of(SendingConnection connection, TimeSpan? most = null)
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
            Credentials = Credentials(connection),
            AllowSignInWithoutTls = connection.Setting("allow_sign_in_without_tls") == "true",
            HelloName = connection.Setting("hello_name"),
            TrustedRoots = connection.Setting("authority_pem") is { } pem ? Authorities(pem) : null,
            MayConnectTo = address => ownPorts.MayConnectTo(address, port),
            Timeouts = Timeouts(most ?? options.Value.SmtpTimeout),
        };
    }

    private SmtpCredentials? Credentials(SendingConnection connection) => connection.Setting("user") switch
    {
        null => null,
        { } user when connection.Setting("token_url") is not null => SmtpCredentials.AccessToken(user, token => tokens.FindAsync(connection, token)),
        { } user => SmtpCredentials.Password(user, connection.Secret("password") ?? ""),
    };

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
