using System.Net;
using System.Runtime.ExceptionServices;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>A request to an ESP.</summary>
internal sealed record EspCall(string Url, string ContentType, byte[] Body, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>What an ESP answered.</summary>
/// <param name="Body">At most its first 256 KB.</param>
internal sealed record EspAnswer(int Status, string Body, Func<string, string?> Header)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>Hands letters to an ESP by one request, and tells what certainly did not reach it from what may have.</summary>
internal abstract class EspTransport(TransportHttp http, string esp) : ITransport
{
    private const int MaxAnswer = 256 * 1024;

    /// <summary>The name under which our id travels, and comes back in the ESP's events.</summary>
    protected const string OurId = "st_message_id";

    public virtual int MaxBatch => 1;

    public async Task<IReadOnlyList<HandOff>> SendAsync(IReadOnlyList<Letter> letters, Func<CancellationToken, ValueTask>? beforeContent, Func<Letter?>? following, CancellationToken cancellationToken)
    {
        if (letters.Count == 0 || letters.Count > MaxBatch)
        {
            throw new ArgumentException($"{esp} takes 1 to {MaxBatch} letters at a time, and not {letters.Count}.", nameof(letters));
        }

        // One address that is none must not make the ESP refuse the others.
        var good = letters.Where(letter => WireAddress.TryParse(letter.Recipient, out _)).ToList();
        var handOffs = new Queue<HandOff>(good.Count == 0 ? [] : await CallAsync(good, beforeContent, cancellationToken));
        return [.. letters.Select(letter => WireAddress.TryParse(letter.Recipient, out _) ? handOffs.Dequeue() : new HandOff(SmtpVerdict.Refused, null, "5.1.3", "The recipient's address is none."))];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Letters as the ESP takes them.</summary>
    protected abstract EspCall Write(IReadOnlyList<Letter> letters);

    /// <summary>What an answer means for each letter, in order.</summary>
    protected abstract IReadOnlyList<HandOff> Read(EspAnswer answer, IReadOnlyList<Letter> letters);

    protected HandOff Accepted(EspAnswer answer, string? espMessageId) => new(SmtpVerdict.Accepted, answer.Status, null, $"{esp} took it.", espMessageId);

    /// <summary>It will never take this letter.</summary>
    /// <param name="status">An enhanced status that says what is wrong with it: "5.1.3" an address, "5.6.0" the content.</param>
    protected HandOff Refused(EspAnswer answer, string? status, string? words) => new(SmtpVerdict.Refused, answer.Status, status, Sentence(answer, words));

    /// <summary>It will take nothing until somebody changes a setting, here or there.</summary>
    protected HandOff NeedsOperator(EspAnswer answer, string? words) => new(SmtpVerdict.Unreachable, answer.Status, null, Sentence(answer, words), NeedsOperator: true);

    /// <summary>It takes nothing just now; that says nothing of the letter.</summary>
    protected HandOff Busy(EspAnswer answer, string? words) => new(SmtpVerdict.Unreachable, answer.Status, null, Sentence(answer, words));

    protected HandOff Uncertain(EspAnswer answer, string words) => new(SmtpVerdict.Uncertain, answer.Status, null, Sentence(answer, words));

    /// <summary>What a status alone says, where the ESP's words say nothing more exact.</summary>
    protected HandOff ByStatus(EspAnswer answer, string? words) => answer.Status switch
    {
        401 or 402 or 403 or 404 or 405 or (>= 300 and < 400) => NeedsOperator(answer, words),
        408 or 420 or 421 or 425 or 429 or 503 => Busy(answer, words),

        // Whoever stood in front of the ESP gave up waiting for it: the mail may have arrived behind it.
        504 => Uncertain(answer, words ?? "it may have the mail or not"),
        >= 500 => new HandOff(SmtpVerdict.Deferred, answer.Status, null, Sentence(answer, words)),
        413 => Refused(answer, "5.3.4", words),
        _ => Refused(answer, "5.6.0", words),
    };

    private async Task<IReadOnlyList<HandOff>> CallAsync(List<Letter> letters, Func<CancellationToken, ValueTask>? beforeContent, CancellationToken cancellationToken)
    {
        var call = Write(letters);
        using var content = new NotedContent(call, beforeContent, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Url) { Content = content };
        foreach (var (name, value) in call.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var patience = new CancellationTokenSource(http.Timeout);
        await using var impatience = cancellationToken.Register(() =>
        {
            // Once the ESP may have it, its answer is worth a moment even to those who leave.
            if (content.IsWhole)
            {
                patience.CancelAfter(http.StopTimeout);
            }
            else
            {
                patience.Cancel();
            }
        });
        try
        {
            using var answer = await http.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            var body = await TransportHttp.ReadAsync(answer, MaxAnswer, patience.Token);
            var heard = new EspAnswer((int)answer.StatusCode, body, name => answer.Headers.TryGetValues(name, out var values) ? values.First() : null);
            return Read(heard, letters);
        }
        catch (Exception exception)
        {
            content.Failure?.Throw();
            if (exception is not (OperationCanceledException or HttpRequestException or IOException))
            {
                throw;
            }

            if (!content.IsWhole)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var handOff = content.IsWhole
                ? new HandOff(SmtpVerdict.Uncertain, null, null, $"{esp} got the mail but did not answer: it may have taken it or not.")
                : new HandOff(SmtpVerdict.Unreachable, null, null, Words(exception));
            return [.. letters.Select(_ => handOff)];
        }
    }

    private string Sentence(EspAnswer answer, string? words) => $"{esp} answered {answer.Status}{(MailLines.OneLine(words, MailLimits.Line) is { } line ? $": {line}" : ".")}";

    // Never the exception's own words: they may name addresses of this network.
    private string Words(Exception exception) => exception switch
    {
        OperationCanceledException => $"{esp} did not answer in time.",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => $"{esp}'s name could not be looked up.",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => $"No secure connection to {esp}: its certificate is not trusted or does not fit.",
        _ => $"{esp} could not be reached.",
    };

    /// <summary>A body that notes, before its first byte goes out, that it may arrive, and knows when it has gone out to its end.</summary>
    private sealed class NotedContent : HttpContent
    {
        private readonly byte[] _body;
        private readonly Func<CancellationToken, ValueTask>? _beforeContent;
        private readonly CancellationToken _cancelled;
        private volatile bool _isWhole;
        private bool _isNoted;

        public NotedContent(EspCall call, Func<CancellationToken, ValueTask>? beforeContent, CancellationToken cancelled)
        {
            (_body, _beforeContent, _cancelled) = (call.Body, beforeContent, cancelled);
            Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        }

        /// <summary>The last byte is on its way, so the ESP may have all of it.</summary>
        public bool IsWhole => _isWhole;

        /// <summary>What noting came to grief with; not the ESP's doing.</summary>
        public ExceptionDispatchInfo? Failure { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            if (!_isNoted && _beforeContent is not null)
            {
                _isNoted = true;
                try
                {
                    await _beforeContent(_cancelled);
                }
                catch (Exception exception)
                {
                    Failure = ExceptionDispatchInfo.Capture(exception);
                    throw;
                }
            }

            await stream.WriteAsync(_body.AsMemory(0, _body.Length - 1), cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            _isWhole = true;
            await stream.WriteAsync(_body.AsMemory(_body.Length - 1), cancellationToken);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, _cancelled);

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
