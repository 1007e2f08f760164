using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>The line to a server: bytes out, replies in, each within its time. After any exception it is of no more use.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    // RFC 5321 limits a line to 512 characters and real servers exceed that; whoever sends more than this sends something else.
    private const int MaxLine = 4 * 1024;
    private const int MaxLines = 200;

    private readonly Socket _socket;
    private readonly byte[] _input = new byte[MaxLine];
    private Stream _stream;
    private int _start;
    private int _end;

    private SmtpConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>"TLS 1.3", or null without encryption.</summary>
    public string? Tls { get; private set; }

    public IPAddress LocalAddress => ((IPEndPoint)_socket.LocalEndPoint!).Address;

    /// <summary>Whether the server has said something nobody asked for, or has closed the connection.</summary>
    public bool HasInput => HasRead || _socket.Poll(0, SelectMode.SelectRead);

    /// <summary>The same of what has been read already.</summary>
    public bool HasRead => _end > _start;

    /// <exception cref="SmtpConnectionException">No address answered in time.</exception>
    public static async Task<SmtpConnection> OpenAsync(SmtpServer server, CancellationToken cancellationToken)
    {
        using var limit = Limit(server.Timeouts.Connect, cancellationToken);
        try
        {
            return await ConnectAsync(await AddressesAsync(server, limit.Token), server.Port, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpConnectionException(SmtpStep.Connect, $"{server.Host} did not answer on port {server.Port} within {Seconds(server.Timeouts.Connect)}.");
        }
        catch (SocketException exception)
        {
            var problem = exception.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"{server.Host} takes no connections on port {server.Port}.",
                SocketError.HostNotFound or SocketError.NoData => $"There is no server named {server.Host}.",
                SocketError.TryAgain => $"The name {server.Host} could not be looked up.",
                _ => $"{server.Host} could not be reached on port {server.Port}: {exception.Message}.",
            };
            throw new SmtpConnectionException(SmtpStep.Connect, problem, exception.SocketErrorCode == SocketError.HostNotFound, inner: exception);
        }
    }

    /// <summary>Encrypts what follows and makes sure who is at the other end.</summary>
    public async Task EncryptAsync(SmtpServer server, CancellationToken cancellationToken)
    {
        // Whatever was sent before the encryption could be anybody's.
        if (_end > _start)
        {
            throw new SmtpConnectionException(SmtpStep.Tls, "The server sent something between its answer to STARTTLS and the encryption.", needsOperator: true);
        }

        var problem = "";
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false);
        _stream = tls;
        using var limit = Limit(server.Timeouts.Tls, cancellationToken);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = WireAddress.Host(server.Host) ?? server.Host,
                    CertificateChainPolicy = ChainPolicy(server),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => (problem = CertificateProblem(server, certificate, chain, errors)).Length == 0,
                },
                limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpConnectionException(SmtpStep.Tls, $"The encryption was not agreed on within {Seconds(server.Timeouts.Tls)}.");
        }
        catch (AuthenticationException exception)
        {
            throw new SmtpConnectionException(SmtpStep.Tls, problem.Length > 0 ? problem : $"The encryption could not be agreed on: {exception.Message}", needsOperator: true, inner: exception);
        }
        catch (IOException exception)
        {
            throw new SmtpConnectionException(SmtpStep.Tls, "The connection broke while the encryption was being agreed on.", inner: exception);
        }

        Tls = tls.SslProtocol switch
        {
            SslProtocols.Tls13 => "TLS 1.3",
            SslProtocols.Tls12 => "TLS 1.2",
            _ => tls.SslProtocol.ToString(),
        };
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, SmtpStep step, TimeSpan within, CancellationToken cancellationToken)
    {
        using var limit = Limit(within, cancellationToken);
        try
        {
            await _stream.WriteAsync(bytes, limit.Token);
            await _stream.FlushAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpConnectionException(step, $"The server took nothing more for {Seconds(within)}.");
        }
        catch (IOException exception)
        {
            throw Broken(step, exception);
        }
    }

    public async Task<SmtpReply> ReadReplyAsync(SmtpStep step, TimeSpan within, CancellationToken cancellationToken)
    {
        var (code, lines) = await ReadLinesAsync(step, within, cancellationToken);
        return SmtpReply.Of(code, lines);
    }

    /// <summary>The words of a reply line by line, and the code of its last one.</summary>
    public async Task<(int Code, List<string> Lines)> ReadLinesAsync(SmtpStep step, TimeSpan within, CancellationToken cancellationToken)
    {
        CancellationTokenSource? limit = null;
        var lines = new List<string>();
        try
        {
            while (lines.Count < MaxLines)
            {
                // Replies to a group of commands come together: only the first is waited for.
                var line = ReadLine() ?? await ReadLineAsync(step, (limit ??= Limit(within, cancellationToken)).Token);
                lines.Add(SmtpReply.Words(line, out var code, out var isLast) ?? throw Nonsense(step, line));
                if (isLast)
                {
                    return (code, lines);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmtpConnectionException(step, $"The server did not answer within {Seconds(within)}.");
        }
        catch (IOException exception)
        {
            throw Broken(step, exception);
        }
        finally
        {
            limit?.Dispose();
        }

        throw new SmtpConnectionException(step, "The server's answer does not end.");
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // Null where the rest of it has not come yet.
    private string? ReadLine()
    {
        var found = _input.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (found < 0)
        {
            return null;
        }

        var line = _input.AsSpan(_start, found).TrimEnd((byte)'\r');
        _start += found + 1;
        return MailCharsets.Decode(line, null);
    }

    private async ValueTask<string> ReadLineAsync(SmtpStep step, CancellationToken cancellationToken)
    {
        while (true)
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            (_start, _end) = (0, _end - _start);
            if (_end == _input.Length)
            {
                throw Nonsense(step, Encoding.Latin1.GetString(_input, 0, 100));
            }

            var read = await _stream.ReadAsync(_input.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                throw new SmtpConnectionException(step, "The server closed the connection without an answer.");
            }

            _end += read;
            if (ReadLine() is { } line)
            {
                return line;
            }
        }
    }

    private static async Task<IPAddress[]> AddressesAsync(SmtpServer server, CancellationToken cancellationToken)
    {
        var name = WireAddress.Host(server.Host) ?? server.Host;
        var addresses = IPAddress.TryParse(name, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(name, cancellationToken);
        var allowed = addresses.Where(address => server.MayConnectTo?.Invoke(address) ?? true).ToArray();
        return addresses.Length > 0 && allowed.Length == 0
            ? throw new SmtpConnectionException(SmtpStep.Connect, $"{server.Host} stands for an address that mail may not be sent to from here.", needsOperator: true)
            : allowed;
    }

    // One after the other: the first that answers is taken. The last failure is the one that is told.
    private static async Task<SmtpConnection> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new SmtpConnection(socket);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                failure = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static X509ChainPolicy ChainPolicy(SmtpServer server)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (server.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    private static string CertificateProblem(SmtpServer server, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return "";
        }

        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "The server has no certificate.";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return $"The server's certificate is not for {server.Host}.";
        }

        var flags = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status) ?? X509ChainStatusFlags.NoError;
        return flags.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "The server's certificate has expired or is not valid yet."
            : (flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0 ? "The server's certificate was issued by nobody we trust."
            : $"The server's certificate is not valid: {flags}.";
    }

    private static CancellationTokenSource Limit(TimeSpan within, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(within);
        return limit;
    }

    private static SmtpConnectionException Nonsense(SmtpStep step, string line) =>
        new(step, $"The server's answer is none: \"{MailLines.OneLine(line, 100)}\".");

    private static SmtpConnectionException Broken(SmtpStep step, IOException exception) =>
        new(step, "The connection to the server broke.", inner: exception);

    private static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.###} s";
}
