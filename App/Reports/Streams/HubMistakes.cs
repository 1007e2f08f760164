using Microsoft.AspNetCore.SignalR;

namespace ScoreTracking.Reports.Streams;

/// <summary>Logs what went wrong here in a call of the hub. What the caller did wrong was told to the caller.</summary>
internal sealed partial class HubMistakes(ILogger<HubMistakes> log) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (Exception exception) when (exception is not (HubException or OperationCanceledException))
        {
            Failed(exception, invocationContext.HubMethodName);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The live hub's {Method} failed")]
    private partial void Failed(Exception exception, string method);
}
