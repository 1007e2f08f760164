using ScoreTracking.Api;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Hands letters to a mail server, one after the other over one connection.</summary>
/// <param name="renewSignIn">Asked when signing in was refused: whether another try would use something new, such as a fresh access token.</param>
public sealed class SmtpTransport(SmtpServer server, TimeProvider time, Func<bool>? renewSignIn = null) : ITransport
{
    // Whoever must sign in, or encrypt, first is told so for every letter alike: that is the connection's trouble and no recipient's.
    private const int SignInFirst = 530;
    private const int EncryptFirst = 538;

    private readonly SmtpSession _session = new(server, time);
    private (Letter Letter, SmtpLetter Written)? _next;

    public int MaxBatch => 1;

    /// <summary>What the server can do; null without a connection.</summary>
    public SmtpCapabilities? Capabilities => _session.Capabilities;

    /// <summary>Connects and signs in, as a test of the settings.</summary>
    /// <exception cref="SmtpConnectionException">Why not: a sentence for people.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _session.ConnectAsync(cancellationToken);
        }
        catch (SmtpConnectionException exception) when (exception is { Step: SmtpStep.SignIn, NeedsOperator: true } && renewSignIn?.Invoke() == true)
        {
            await _session.ConnectAsync(cancellationToken);
        }
    }

    public async Task<IReadOnlyList<HandOff>> SendAsync(
        IReadOnlyList<Letter> letters, Func<CancellationToken, ValueTask>? beforeContent, Func<Letter?>? following, CancellationToken cancellationToken)
    {
        if (letters is not [var letter])
        {
            throw new ArgumentException($"A mail server takes one letter at a time, and not {letters.Count}.", nameof(letters));
        }

        return [(await SendOneAsync(letter, beforeContent, following, cancellationToken)).HandOff];
    }

    /// <summary>The same for one letter, with where it was decided; null where nothing was said to the server.</summary>
    internal async Task<(SmtpOutcome? Outcome, HandOff HandOff)> SendOneAsync(
        Letter letter, Func<CancellationToken, ValueTask>? beforeContent, Func<Letter?>? following, CancellationToken cancellationToken)
    {
        try
        {
            var written = _next is { } known && ReferenceEquals(known.Letter, letter) ? known.Written : Written(letter);
            _next = null;
            var outcome = (await _session.SendAsync(written, beforeContent, () => Next(following), cancellationToken))[0];
            if (outcome is { Step: SmtpStep.SignIn, NeedsOperator: true } && renewSignIn?.Invoke() == true)
            {
                outcome = (await _session.SendAsync(written, beforeContent, () => Next(following), cancellationToken))[0];
            }

            return (outcome, HandOffOf(outcome, letter));
        }
        catch (ArgumentException exception)
        {
            // Nothing a server would take, so none was asked.
            return (null, WireAddress.TryParse(letter.Recipient, out _)
                ? new HandOff(SmtpVerdict.Refused, null, "5.6.0", $"The mail cannot be sent as it is: {exception.Message}")
                : new HandOff(SmtpVerdict.Refused, null, "5.1.3", "The recipient's address is none."));
        }
    }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private SmtpLetter? Next(Func<Letter?>? following)
    {
        if (following?.Invoke() is not { } letter)
        {
            return null;
        }

        try
        {
            _next = (letter, Written(letter));
            return _next.Value.Written;
        }
        catch (ArgumentException)
        {
            return null; // what is wrong with it is told when it is handed over
        }
    }

    private static SmtpLetter Written(Letter letter) =>
        new(new SmtpEnvelope(letter.EnvelopeFrom, [letter.Recipient], letter.MessageId == 0 ? null : PublicId.Message(letter.MessageId)), letter.Mime);

    private static HandOff HandOffOf(SmtpOutcome outcome, Letter letter)
    {
        var needsOperator = outcome.NeedsOperator || outcome.Code is SignInFirst or EncryptFirst;
        var verdict = needsOperator && outcome.Verdict is not SmtpVerdict.Uncertain ? SmtpVerdict.Unreachable : outcome.Verdict;
        return new HandOff(verdict, outcome.Code, outcome.EnhancedStatus, outcome.Text, verdict == SmtpVerdict.Accepted ? letter.Mail.MessageId : null, needsOperator);
    }
}
