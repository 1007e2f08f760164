using Microsoft.AspNetCore.Http.Features;
using ScoreTracking.Data;

namespace ScoreTracking.Tracking;

/// <summary>What a POST on the unsubscribe link asks for. Whatever is not one of the page's own forms is an unsubscribe, as RFC 8058's one-click body is, so no mail program's way of writing it can fail.</summary>
internal abstract record UnsubscribeForm
{
    /// <summary>Of one body, in bytes.</summary>
    public const long MaxBody = 16 * 1024;

    private UnsubscribeForm()
    {
    }

    /// <summary>No more mail at all.</summary>
    public sealed record Everything : UnsubscribeForm;

    /// <summary>Only mail on these topics, of those the campaign names.</summary>
    public sealed record Wanted(IReadOnlyList<string> Topics) : UnsubscribeForm;

    public sealed record Tracking(TrackingConsent Answer) : UnsubscribeForm;

    /// <exception cref="BadHttpRequestException">The body is too large, too slow, or broke off.</exception>
    /// <exception cref="IOException">The connection is gone.</exception>
    public static async Task<UnsubscribeForm> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength == 0 || !context.Request.HasFormContentType)
        {
            return new Everything();
        }

        IFormCollection form;
        try
        {
            context.Features.Set<IFormFeature>(new FormFeature(context.Request, new FormOptions { ValueCountLimit = 64, MultipartBodyLengthLimit = MaxBody }));
            form = await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (InvalidDataException)
        {
            // A body that announces itself as a form and is none.
            return new Everything();
        }

        return (form[UnsubscribePage.Action].ToString(), form[UnsubscribePage.Tracking].ToString()) switch
        {
            (UnsubscribePage.SaveTopics, _) => new Wanted([.. form[UnsubscribePage.Topic].OfType<string>()]),
            (UnsubscribePage.SaveTracking, "denied") => new Tracking(TrackingConsent.Denied),
            (UnsubscribePage.SaveTracking, "granted") => new Tracking(TrackingConsent.Granted),
            _ => new Everything(),
        };
    }
}
