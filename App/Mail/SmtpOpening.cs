using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>From nothing to a server that is ready for mail: connection, greeting, EHLO, encryption, signing in.</summary>
internal static class SmtpOpening
{
    /// <exception cref="SmtpConnectionException">It came to an end before that.</exception>
    public static async Task<(SmtpConnection Connection, SmtpCapabilities Capabilities)> RunAsync(SmtpServer server, CancellationToken cancellationToken)
    {
        var connection = await SmtpConnection.OpenAsync(server, cancellationToken);
        try
        {
            if (server.Security == SmtpSecurity.Tls)
            {
                await connection.EncryptAsync(server, cancellationToken);
            }

            var greeting = await connection.ReadReplyAsync(SmtpStep.Greeting, server.Timeouts.Greeting, cancellationToken);
            if (!greeting.IsPositive)
            {
                throw SmtpConnectionException.Of(SmtpStep.Greeting, greeting, "The server does not talk to us");
            }

            var capabilities = await HelloAsync(connection, server, cancellationToken);
            if (server.Security == SmtpSecurity.StartTls)
            {
                await StartTlsAsync(connection, server, capabilities, cancellationToken);
                capabilities = await HelloAsync(connection, server, cancellationToken); // what was said before may have been anybody's words
            }

            await SmtpSignIn.RunAsync(connection, server, capabilities, cancellationToken);
            return (connection, capabilities);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<SmtpCapabilities> HelloAsync(SmtpConnection connection, SmtpServer server, CancellationToken cancellationToken)
    {
        var name = (server.HelloName is { } given ? WireAddress.Host(given) : null) ?? Literal(connection.LocalAddress);
        var (code, lines) = await SayAsync($"EHLO {name}");
        var reply = SmtpReply.Of(code, lines);
        if (reply.IsPositive)
        {
            return SmtpCapabilities.Of(lines, connection.Tls);
        }

        if (reply.IsPermanent)
        {
            (code, lines) = await SayAsync($"HELO {name}"); // a server from before 1995, or one behind a firewall that knows no better
            reply = SmtpReply.Of(code, lines);
        }

        return reply.IsPositive ? SmtpCapabilities.None(connection.Tls) : throw SmtpConnectionException.Of(SmtpStep.Hello, reply, "The server refused our greeting");

        async Task<(int Code, List<string> Lines)> SayAsync(string line)
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), SmtpStep.Hello, server.Timeouts.Command, cancellationToken);
            return await connection.ReadLinesAsync(SmtpStep.Hello, server.Timeouts.Command, cancellationToken);
        }
    }

    private static async Task StartTlsAsync(SmtpConnection connection, SmtpServer server, SmtpCapabilities capabilities, CancellationToken cancellationToken)
    {
        if (!capabilities.HasStartTls)
        {
            throw new SmtpConnectionException(SmtpStep.Tls, "The server offers no encryption.", needsOperator: true);
        }

        await connection.WriteAsync("STARTTLS\r\n"u8.ToArray(), SmtpStep.Tls, server.Timeouts.Command, cancellationToken);
        var reply = await connection.ReadReplyAsync(SmtpStep.Tls, server.Timeouts.Command, cancellationToken);
        if (!reply.IsPositive)
        {
            throw SmtpConnectionException.Of(SmtpStep.Tls, reply, "The server refused to encrypt");
        }

        await connection.EncryptAsync(server, cancellationToken);
    }

    private static string Literal(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";
    }
}
