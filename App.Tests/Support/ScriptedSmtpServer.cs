using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ScoreTracking.Tests.Support;

/// <summary>A mail that was accepted.</summary>
public sealed record ReceivedMail(string Sender, IReadOnlyList<string> Recipients, string Parameters, byte[] Content)
{
    public string Text => Encoding.UTF8.GetString(Content);
}

/// <summary>
/// An SMTP server on a free loopback port that does as it should, except where a test says otherwise: <see cref="Answer"/> is asked before
/// every reply. An answer is sent as it is, a line at a time; "&lt;drop&gt;" closes the connection, "&lt;silent&gt;" says nothing more.
/// </summary>
public sealed class ScriptedSmtpServer : IAsyncDisposable
{
    public const string Drop = "<drop>";
    public const string Silent = "<silent>";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private int _connections;

    public ScriptedSmtpServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>What EHLO offers; STARTTLS besides, where there is a certificate and no encryption yet.</summary>
    public List<string> Extensions { get; } = ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 10000000", "ENHANCEDSTATUSCODES", "DSN"];

    public X509Certificate2? Certificate { get; init; }

    /// <summary>Encrypted from the first byte.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>Null for the usual reply. Asked for "CONNECT", every command line, "CONTENT" (after the final dot) and every line of signing in.</summary>
    public Func<string, string?> Answer { get; set; } = _ => null;

    public ConcurrentQueue<ReceivedMail> Mails { get; } = new();

    /// <summary>Every line of every client but content.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Lines that were there before the one in front of them was answered.</summary>
    public ConcurrentQueue<string> Pipelined { get; } = new();

    /// <summary>Completes when a connection has been closed for the first time.</summary>
    public Task HungUp => _hungUp.Task;

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_conversations);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopped.Token);
                Interlocked.Increment(ref _connections);
                _conversations.Add(Task.Run(() => ServeAsync(client)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException || (exception is SocketException && _stopped.IsCancellationRequested))
        {
            // The test is over; what the system calls that depends on the moment.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await new Conversation(this, client.GetStream(), _stopped.Token).RunAsync();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client went, or the test is over.
            }
        }

        _hungUp.TrySetResult();
    }

    private sealed class Conversation(ScriptedSmtpServer server, NetworkStream socket, CancellationToken stopped)
    {
        private readonly byte[] _input = new byte[16 * 1024];
        private Stream _stream = socket;
        private int _start;
        private int _end;
        private bool _isEncrypted;
        private string _sender = "";
        private string _parameters = "";
        private List<string> _recipients = [];

        public async Task RunAsync()
        {
            if (server.ImplicitTls)
            {
                await EncryptAsync();
            }

            var goOn = await SayAsync(server.Answer("CONNECT") ?? "220 mx.example ESMTP");
            while (goOn && await LineAsync() is { } line)
            {
                server.Lines.Enqueue(line);
                if (_end > _start)
                {
                    server.Pipelined.Enqueue(line);
                }

                var scripted = server.Answer(line);
                var usual = Usual(line, isRefused: scripted is not null && !scripted.StartsWith('2'));
                var answer = scripted ?? usual;
                goOn = await SayAsync(answer);
                if (goOn && line.StartsWith("DATA", StringComparison.Ordinal) && answer.StartsWith("354", StringComparison.Ordinal))
                {
                    goOn = await ContentAsync();
                }
                else if (goOn && line == "STARTTLS" && answer.StartsWith("220", StringComparison.Ordinal))
                {
                    await EncryptAsync();
                }

                goOn = goOn && line != "QUIT";
            }
        }

        private string Usual(string line, bool isRefused)
        {
            var word = line.Split(' ', 2)[0];
            switch (word)
            {
                case "EHLO":
                    List<string> said = ["mx.example", .. server.Extensions, .. server.Certificate is not null && !_isEncrypted ? ["STARTTLS"] : Array.Empty<string>()];
                    return string.Join('\n', said.Select((text, index) => $"250{(index < said.Count - 1 ? '-' : ' ')}{text}"));
                case "HELO":
                    return "250 mx.example";
                case "STARTTLS":
                    return server.Certificate is null ? "502 5.5.1 not here" : "220 2.0.0 go ahead";
                case "MAIL":
                    _sender = line[(line.IndexOf('<') + 1)..line.IndexOf('>')];
                    _parameters = line[(line.IndexOf('>') + 1)..].Trim();
                    _recipients = [];
                    return "250 2.1.0 ok";
                case "RCPT":
                    if (!isRefused)
                    {
                        _recipients.Add(line[(line.IndexOf('<') + 1)..line.LastIndexOf('>')]);
                    }

                    return "250 2.1.5 ok";
                case "DATA":
                    return _recipients.Count == 0 ? "554 5.5.1 no valid recipients" : "354 end with a dot";
                case "RSET":
                    _recipients = [];
                    return "250 2.0.0 ok";
                case "QUIT":
                    return "221 2.0.0 bye";
                default:
                    return "500 5.5.2 what?";
            }
        }

        // Until the line with a single dot; doubled dots are made single again.
        private async Task<bool> ContentAsync()
        {
            var content = new MemoryStream();
            while (true)
            {
                var line = await LineAsync(Encoding.Latin1);
                if (line is null)
                {
                    return false;
                }

                if (line == ".")
                {
                    break;
                }

                content.Write(Encoding.Latin1.GetBytes((line.StartsWith('.') ? line[1..] : line) + "\r\n"));
            }

            var answer = server.Answer("CONTENT") ?? (_recipients.Count == 0 ? "554 5.5.1 no valid recipients" : "250 2.0.0 queued");
            if (answer.Split('\n').Any(line => line.StartsWith("250 ", StringComparison.Ordinal)))
            {
                server.Mails.Enqueue(new ReceivedMail(_sender, _recipients, _parameters, content.ToArray()));
            }

            return await SayAsync(answer);
        }

        private async Task<bool> SayAsync(string answer)
        {
            foreach (var line in answer.Split('\n'))
            {
                if (line == Drop)
                {
                    return false;
                }

                if (line == Silent)
                {
                    await Task.Delay(Timeout.Infinite, stopped);
                }

                await _stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), stopped);
            }

            return true;
        }

        private async Task EncryptAsync()
        {
            var tls = new SslStream(_stream);
            _stream = tls;
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = server.Certificate }, stopped);
            _isEncrypted = true;
        }

        private async Task<string?> LineAsync(Encoding? encoding = null)
        {
            while (true)
            {
                var found = Array.IndexOf(_input, (byte)'\n', _start, _end - _start);
                if (found >= 0)
                {
                    var line = (encoding ?? Encoding.UTF8).GetString(_input, _start, found - _start).TrimEnd('\r');
                    _start = found + 1;
                    return line;
                }

                _input.AsSpan(_start, _end - _start).CopyTo(_input);
                (_start, _end) = (0, _end - _start);
                var read = await _stream.ReadAsync(_input.AsMemory(_end), stopped);
                if (read == 0)
                {
                    return null;
                }

                _end += read;
            }
        }
    }
}
