using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace ScoreTracking.Operations;

/// <summary>Answers a body that announces itself as too large with 413, and reads it away first: most clients look for an answer only after they have sent everything, and would see a broken connection instead.</summary>
internal sealed class BodyLimits(RequestDelegate next)
{
    private const long MaxRead = 64L * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public async Task InvokeAsync(HttpContext context)
    {
        var limits = context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (limits?.MaxRequestBodySize is not { } limit || !(context.Request.ContentLength > limit))
        {
            await next(context);
            return;
        }

        if (context.Request.ContentLength <= MaxRead)
        {
            await ReadAwayAsync(context, limits);
        }

        await TypedResults.Problem(
            statusCode: StatusCodes.Status413PayloadTooLarge,
            title: "The request is too large",
            detail: string.Create(CultureInfo.InvariantCulture, $"At most {limit:N0} bytes are taken here.")).ExecuteAsync(context);
    }

    private static async Task ReadAwayAsync(HttpContext context, IHttpMaxRequestBodySizeFeature limits)
    {
        limits.MaxRequestBodySize = MaxRead;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(s_patience);
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // Too slow to wait for: the answer goes out now, and the connection closes.
        }
    }
}
