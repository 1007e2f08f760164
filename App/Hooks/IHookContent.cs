namespace ScoreTracking.Hooks;

/// <summary>Writes what is sent of something that is no event of the log.</summary>
public interface IHookContent
{
    /// <summary>Of <see cref="HookTypes"/>.</summary>
    string Type { get; }

    /// <summary>The body as it is at this attempt: between attempts nothing of a person lies about.</summary>
    ValueTask<HookContent> WriteAsync(long messageId, CancellationToken cancellationToken);
}

/// <param name="Body">Null where there is nothing to tell any more.</param>
/// <param name="Because">Why there is not; without addresses.</param>
public readonly record struct HookContent(byte[]? Body, string Because = "");
