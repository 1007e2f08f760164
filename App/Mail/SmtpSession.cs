using System.Text;

namespace ScoreTracking.Mail;

/// <summary>
/// Hands mail to one server over one connection at a time, which is made when first needed, used again while it lasts, and made anew
/// when it rested too long, carried enough or broke. For one caller at a time; for several connections make several sessions.
/// </summary>
public sealed class SmtpSession(SmtpServer server, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(100);

    private SmtpConnection? _connection;
    private DateTimeOffset _restedSince;
    private SmtpTransaction? _announced;
    private bool _announces = true;
    private int _messages;
    private bool _needsReset;
    private int _busy;

    /// <summary>What the server can do; null without a connection.</summary>
    public SmtpCapabilities? Capabilities { get; private set; }

    /// <summary>Connects and signs in unless that has been done, as a test of the settings.</summary>
    /// <exception cref="SmtpConnectionException">Why not: a sentence for people.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        using var turn = new Turn(this);
        await ReadyAsync(cancellationToken);
    }

    /// <summary>
    /// Hands over a message and says for each recipient, in the envelope's order, what became of it. Where a connection from before
    /// turns out dead before the mail began to go out, the message is tried once more over a new one; nothing else is tried twice.
    /// </summary>
    /// <param name="mail">As <see cref="MimeWriter"/> or <see cref="DkimSigner"/> write it.</param>
    /// <param name="beforeContent">
    /// Called at most once, when the server has agreed to take the mail and before the first byte of it goes out: the moment to note that
    /// the message may be with the server should we not come back. Where it is not called, the server does not have the message.
    /// </param>
    /// <param name="cancellationToken">
    /// Stops everything up to the last block of the mail. After that the answer is waited for <see cref="SmtpTimeouts.AcceptWhenCancelled"/> at most,
    /// and told rather than thrown away.
    /// </param>
    /// <exception cref="ArgumentException">An address is none, or the mail is not in lines ending with CRLF.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while the server did not have the mail.</exception>
    public Task<IReadOnlyList<SmtpOutcome>> SendAsync(
        SmtpEnvelope envelope, ReadOnlyMemory<byte> mail, Func<CancellationToken, ValueTask>? beforeContent, CancellationToken cancellationToken) =>
        SendAsync(new SmtpLetter(envelope, mail), beforeContent, next: null, cancellationToken);

    /// <summary>The same where the caller may know what comes next: a server that takes commands in groups (RFC 2920) is then asked about it behind the end of this one.</summary>
    /// <param name="next">
    /// Asked at most once, after <paramref name="beforeContent"/>. What it names must be handed over next; anything else costs the connection,
    /// for a server that has agreed to take a mail can be told otherwise by hanging up alone. It delivers nothing of a mail it does not get.
    /// </param>
    internal async Task<IReadOnlyList<SmtpOutcome>> SendAsync(
        SmtpLetter letter, Func<CancellationToken, ValueTask>? beforeContent, Func<SmtpLetter?>? next, CancellationToken cancellationToken)
    {
        using var turn = new Turn(this);
        while (true)
        {
            bool isReused;
            var announced = _announced?.Letter == letter ? _announced : null;
            try
            {
                isReused = announced is not null || await ReadyAsync(cancellationToken);
            }
            catch (SmtpConnectionException exception)
            {
                return [.. letter.Recipients.Select(recipient =>
                    new SmtpOutcome(recipient.Given, SmtpVerdict.Unreachable, exception.Step, exception.Reply?.Code, exception.Reply?.EnhancedStatus, exception.Message) { NeedsOperator = exception.NeedsOperator })];
            }

            var transaction = announced ?? new SmtpTransaction(_connection!, server, Capabilities!, letter);
            _announced = null;
            try
            {
                var outcomes = await transaction.RunAsync(_needsReset, beforeContent, () => Announce(next?.Invoke()), cancellationToken);
                await RestAsync(transaction);
                return outcomes;
            }
            catch (SmtpConnectionException exception) when (isReused && !transaction.HasBegunContent)
            {
                // Some servers lose what comes behind the end of a mail. Once is enough to ask this one in its turn from now on.
                _announces &= announced is null || exception.Reply is not null;
                await DropAsync();
            }
            catch (SmtpConnectionException exception)
            {
                await DropAsync();
                return transaction.Unfinished(exception);
            }
            catch
            {
                await DropAsync(); // in the middle of a message: what the server says next answers a question nobody remembers
                throw;
            }
        }
    }

    /// <summary>Says goodbye and closes the connection; the next message makes a new one.</summary>
    public async ValueTask CloseAsync()
    {
        using var turn = new Turn(this);
        await QuitAsync();
    }

    public ValueTask DisposeAsync() => QuitAsync();

    // Whether it is a connection from before.
    private async Task<bool> ReadyAsync(CancellationToken cancellationToken)
    {
        if (_announced is not null)
        {
            await DropAsync(); // it waits for the content of another message
        }

        // Right after the last message that would be asked of the system for nothing: if the server has closed since, the next command tells.
        if (_connection is not null && (_connection.HasRead || (clock.GetUtcNow() - _restedSince > s_fresh && _connection.HasInput)))
        {
            await DropAsync(); // closed meanwhile, or about to be
        }

        if (_connection is not null && _messages < server.MaxMessages && clock.GetUtcNow() - _restedSince <= server.IdleLimit)
        {
            return true;
        }

        await QuitAsync();
        (_connection, Capabilities) = await SmtpOpening.RunAsync(server, cancellationToken);
        _restedSince = clock.GetUtcNow();
        return false;
    }

    // Which commands go out behind the end of the mail; nothing where the next message gets another connection, or each answer is waited for.
    private ReadOnlyMemory<byte> Announce(SmtpLetter? next)
    {
        if (next is null || !_announces || _messages + 1 >= server.MaxMessages)
        {
            return default;
        }

        var transaction = new SmtpTransaction(_connection!, server, Capabilities!, next);
        var envelope = transaction.Announce();
        _announced = envelope.IsEmpty ? null : transaction;
        return envelope;
    }

    private async Task RestAsync(SmtpTransaction transaction)
    {
        _messages++;
        _needsReset = transaction.NeedsReset;
        _restedSince = clock.GetUtcNow();
        if (transaction.IsBroken)
        {
            await DropAsync();
        }
    }

    private async ValueTask QuitAsync()
    {
        // Where a message was announced, every word would be taken for its content.
        if (_connection is { } connection && _announced is null)
        {
            try
            {
                // None: a polite word within a second, also for those who were cancelled.
                await connection.WriteAsync(Encoding.ASCII.GetBytes("QUIT\r\n"), SmtpStep.Hello, server.Timeouts.Quit, CancellationToken.None);
                await connection.ReadReplyAsync(SmtpStep.Hello, server.Timeouts.Quit, CancellationToken.None);
            }
            catch (SmtpConnectionException)
            {
                // Nobody is there to say goodbye to.
            }
        }

        await DropAsync();
    }

    private async ValueTask DropAsync()
    {
        var connection = _connection;
        (_connection, Capabilities, _announced, _messages, _needsReset) = (null, null, null, 0, false);
        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private readonly struct Turn : IDisposable
    {
        private readonly SmtpSession _session;

        public Turn(SmtpSession session)
        {
            _session = session;
            if (Interlocked.Exchange(ref session._busy, 1) == 1)
            {
                throw new InvalidOperationException("A session is for one caller at a time.");
            }
        }

        public void Dispose() => Volatile.Write(ref _session._busy, 0);
    }
}
