using System.Buffers;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>One message over a connection that is ready for it: MAIL, RCPT, DATA, the mail and the answer to it.</summary>
internal sealed class SmtpTransaction(SmtpConnection connection, SmtpServer server, SmtpCapabilities capabilities, SmtpLetter letter)
{
    private const int BlockLength = 64 * 1024;
    private const int GoAhead = 354;
    private const int BadSequence = 503;

    // For what a server may already have said: it is on its way or it is not.
    private static readonly TimeSpan s_glance = TimeSpan.FromSeconds(1);

    private readonly SmtpOutcome?[] _outcomes = new SmtpOutcome?[letter.Recipients.Count];
    private List<int> _asked = [];
    private bool _isAnnounced;

    public SmtpLetter Letter => letter;

    /// <summary>The caller was told that the mail is about to go out.</summary>
    public bool HasBegunContent { get; private set; }

    /// <summary>The connection is out of step, or closed, and must not be used again.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The server may still think of this message: RSET goes before the next one.</summary>
    public bool NeedsReset { get; private set; }

    /// <summary>What has been decided, and for those nothing was decided about that the server could not be reached.</summary>
    public IReadOnlyList<SmtpOutcome> Unfinished(SmtpConnectionException exception) =>
        Finished(recipient => new SmtpOutcome(recipient, SmtpVerdict.Unreachable, exception.Step, exception.Reply?.Code, exception.Reply?.EnhancedStatus, exception.Message));

    /// <summary>What asks the server about this message when it goes out behind the end of the one before; <see cref="RunAsync"/> then reads the answers.</summary>
    /// <returns>Empty where the server wants to answer each command, or there is nobody to ask about.</returns>
    public ReadOnlyMemory<byte> Announce()
    {
        _asked = Askable();
        _isAnnounced = capabilities.HasPipelining && _asked.Count > 0;
        return _isAnnounced ? Encoding.UTF8.GetBytes(string.Concat(Commands(afterReset: false))) : default;
    }

    /// <param name="afterReset">The message before this one was not finished.</param>
    /// <param name="behind">Asked once, after <paramref name="beforeContent"/>: what goes out behind the end of the mail.</param>
    /// <exception cref="SmtpConnectionException">The conversation ended while the server certainly did not have the whole mail.</exception>
    public async Task<IReadOnlyList<SmtpOutcome>> RunAsync(
        bool afterReset, Func<CancellationToken, ValueTask>? beforeContent, Func<ReadOnlyMemory<byte>> behind, CancellationToken cancellationToken)
    {
        NeedsReset = afterReset;
        if (!_isAnnounced && (_asked = Askable()).Count == 0)
        {
            return Finished(_ => throw new InvalidOperationException("Nobody is left to decide about."));
        }

        var answer = await EnvelopeAsync(afterReset, cancellationToken);
        if (answer is { Code: GoAhead })
        {
            return await ContentAsync(beforeContent, behind, cancellationToken);
        }

        return Finished(recipient => SmtpOutcome.Of(recipient, SmtpStep.Data, answer!));
    }

    // Recipients the server may be asked about; the others are decided.
    private List<int> Askable()
    {
        var asked = new List<int>(_outcomes.Length);
        for (var index = 0; index < _outcomes.Length; index++)
        {
            var (given, address) = letter.Recipients[index];
            _outcomes[index] = letter.Impossible(given, address, capabilities);
            if (_outcomes[index] is null)
            {
                asked.Add(index);
            }
        }

        return asked;
    }

    private List<string> Commands(bool afterReset)
    {
        var commands = new List<string>(_asked.Count + 3);
        if (afterReset)
        {
            commands.Add("RSET\r\n");
        }

        commands.Add(letter.MailCommand(capabilities, _asked.Any(index => letter.Recipients[index].Address.NeedsUtf8)));
        commands.AddRange(_asked.Select(index => $"RCPT TO:<{letter.Recipients[index].Address}>\r\n"));
        commands.Add("DATA\r\n");
        return commands;
    }

    // The answer to DATA; null where nobody is left to send the mail to.
    private async Task<SmtpReply?> EnvelopeAsync(bool afterReset, CancellationToken cancellationToken)
    {
        var commands = _isAnnounced ? [] : Commands(afterReset);
        var next = 0;
        if (capabilities.HasPipelining && !_isAnnounced)
        {
            await WriteAsync(string.Concat(commands), cancellationToken);
        }

        if (afterReset && await AskAsync(SmtpStep.Sender) is { IsPositive: false } refused)
        {
            throw SmtpConnectionException.Of(SmtpStep.Sender, refused, "The server does not forget the message before");
        }

        var sender = await AskAsync(SmtpStep.Sender);
        if (_isAnnounced && sender.Code == BadSequence)
        {
            throw Senseless(SmtpStep.Sender, sender); // it did not see where the mail before ended, and that says nothing of this one
        }

        NeedsReset = sender.IsPositive;
        if (!sender.IsPositive && !capabilities.HasPipelining)
        {
            Decide(_asked, SmtpStep.Sender, sender);
            return null;
        }

        var taken = 0;
        foreach (var index in _asked)
        {
            var reply = await AskAsync(SmtpStep.Recipient);
            taken += sender.IsPositive && reply.IsPositive ? 1 : 0;
            if (!sender.IsPositive || !reply.IsPositive)
            {
                Decide([index], sender.IsPositive ? SmtpStep.Recipient : SmtpStep.Sender, sender.IsPositive ? reply : sender);
            }
        }

        if (taken == 0 && !capabilities.HasPipelining)
        {
            return null;
        }

        var answer = await AskAsync(SmtpStep.Data, server.Timeouts.Data);
        if (taken > 0)
        {
            return answer.Code == GoAhead || answer.IsTemporary || answer.IsPermanent ? answer : throw Senseless(SmtpStep.Data, answer);
        }

        // A server that wants the mail all the same: RFC 2920 would send it an empty one to refuse, but who asks so may also deliver it.
        IsBroken = answer.Code == GoAhead;
        return null;

        async Task<SmtpReply> AskAsync(SmtpStep step, TimeSpan? within = null)
        {
            if (!capabilities.HasPipelining)
            {
                await WriteAsync(commands[next++], cancellationToken);
            }

            var reply = await connection.ReadReplyAsync(step, within ?? server.Timeouts.Command, cancellationToken);
            return reply.Code == SmtpReply.Closing ? throw SmtpConnectionException.Of(step, reply, "The server ended the conversation")
                : reply.Code is >= 300 and < 400 && step != SmtpStep.Data ? throw Senseless(step, reply)
                : reply;
        }
    }

    private async Task<IReadOnlyList<SmtpOutcome>> ContentAsync(Func<CancellationToken, ValueTask>? beforeContent, Func<ReadOnlyMemory<byte>> behind, CancellationToken cancellationToken)
    {
        if (beforeContent is not null)
        {
            if (connection.HasRead)
            {
                await ThrowIfEndedAsync(cancellationToken);
            }

            HasBegunContent = true;
            await beforeContent(cancellationToken);
        }

        await ThrowIfEndedAsync(cancellationToken);
        HasBegunContent = true;
        var rest = letter.Content;
        try
        {
            for (; rest.Length > BlockLength; rest = rest[BlockLength..])
            {
                await connection.WriteAsync(rest[..BlockLength], SmtpStep.Content, server.Timeouts.Block, cancellationToken);
            }
        }
        catch (SmtpConnectionException)
        {
            // Servers that refuse a mail before its end say so and close.
            IsBroken = true;
            if (await GlanceAsync(cancellationToken) is { Code: >= 400 and not SmtpReply.Closing } reply)
            {
                return Finished(recipient => SmtpOutcome.Of(recipient, SmtpStep.Content, reply));
            }

            throw;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await LastBlockAsync(rest, behind(), cancellationToken);
    }

    // From here on the server may have the mail, so it is not the caller who decides how long we wait for the answer.
    private async Task<IReadOnlyList<SmtpOutcome>> LastBlockAsync(ReadOnlyMemory<byte> rest, ReadOnlyMemory<byte> behind, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource();
        await using var impatience = cancellationToken.Register(() => patience.CancelAfter(server.Timeouts.AcceptWhenCancelled));
        var length = rest.Length + letter.End.Length + behind.Length;
        var block = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            rest.CopyTo(block);
            letter.End.CopyTo(block.AsMemory(rest.Length));
            behind.CopyTo(block.AsMemory(rest.Length + letter.End.Length));
            await connection.WriteAsync(block.AsMemory(0, length), SmtpStep.Content, server.Timeouts.Block, patience.Token);
        }
        catch (SmtpConnectionException)
        {
            IsBroken = true; // but its answer may be here already
        }
        catch (OperationCanceledException)
        {
            return Uncertain("The mail was not taken within the time left.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        try
        {
            var reply = await connection.ReadReplyAsync(SmtpStep.Accept, IsBroken ? s_glance : server.Timeouts.Accept, patience.Token);
            NeedsReset = false;
            IsBroken |= reply.Code == SmtpReply.Closing;
            return reply.Code == SmtpReply.Closing ? Unfinished(SmtpConnectionException.Of(SmtpStep.Accept, reply, "The server ended the conversation"))
                : reply.Code is >= 300 and < 400 ? Uncertain(Senseless(SmtpStep.Accept, reply).Message)
                : Finished(recipient => SmtpOutcome.Of(recipient, SmtpStep.Accept, reply));
        }
        catch (SmtpConnectionException exception)
        {
            return Uncertain(exception.Message);
        }
        catch (OperationCanceledException)
        {
            return Uncertain("The answer did not come within the time left.");
        }
    }

    private SmtpOutcome[] Uncertain(string why)
    {
        IsBroken = true;
        return Finished(recipient => new SmtpOutcome(recipient, SmtpVerdict.Uncertain, SmtpStep.Accept, null, null, why));
    }

    // A server that hangs up instead of reading has not got the mail. Seeing that before the mail is sent is one uncertain message less.
    private async Task ThrowIfEndedAsync(CancellationToken cancellationToken)
    {
        if (connection.HasInput)
        {
            var reply = await connection.ReadReplyAsync(SmtpStep.Content, s_glance, cancellationToken);
            throw SmtpConnectionException.Of(SmtpStep.Content, reply, "The server ended the conversation");
        }
    }

    private async Task<SmtpReply?> GlanceAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await connection.ReadReplyAsync(SmtpStep.Content, s_glance, cancellationToken);
        }
        catch (SmtpConnectionException)
        {
            return null;
        }
    }

    private Task WriteAsync(string commands, CancellationToken cancellationToken) =>
        connection.WriteAsync(Encoding.UTF8.GetBytes(commands), SmtpStep.Sender, server.Timeouts.Command, cancellationToken);

    private void Decide(IEnumerable<int> recipients, SmtpStep step, SmtpReply reply)
    {
        foreach (var index in recipients)
        {
            _outcomes[index] = SmtpOutcome.Of(letter.Recipients[index].Given, step, reply);
        }
    }

    private SmtpOutcome[] Finished(Func<string, SmtpOutcome> outcome)
    {
        for (var index = 0; index < _outcomes.Length; index++)
        {
            _outcomes[index] ??= outcome(letter.Recipients[index].Given);
        }

        return _outcomes!;
    }

    private static SmtpConnectionException Senseless(SmtpStep step, SmtpReply reply) => new(step, $"The server's answer makes no sense here: {reply}");
}
