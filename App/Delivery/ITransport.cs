namespace ScoreTracking.Delivery;

/// <summary>One way to a mail server: a session by SMTP, or an ESP's HTTP interface. For one caller at a time.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Most letters of one call. Above 1 only where the server takes several different mails at once.</summary>
    int MaxBatch { get; }

    /// <summary>Hands letters over and says of each, in order, what became of it. Never throws for what a server does or says.</summary>
    /// <param name="beforeContent">
    /// Called at most once, before the first byte of a letter's content goes out: the moment to note that they may be with the server should we
    /// not come back. Where it was not called, the server has none of them.
    /// </param>
    /// <param name="following">
    /// Asked at most once, after <paramref name="beforeContent"/>: the letter that comes next, which a mail server may then be asked about in the
    /// same breath. It gets nothing of its content before it is handed over; where it is not, the transport must be closed.
    /// </param>
    /// <exception cref="OperationCanceledException">Cancelled while the server did not have the letters.</exception>
    Task<IReadOnlyList<HandOff>> SendAsync(IReadOnlyList<Letter> letters, Func<CancellationToken, ValueTask>? beforeContent, Func<Letter?>? following, CancellationToken cancellationToken);
}
