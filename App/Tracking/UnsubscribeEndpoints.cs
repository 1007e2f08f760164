using System.Data.Common;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Settings;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>Unsubscribing: GET shows one button and changes nothing, since scanners fetch every URL; POST unsubscribes, with or without RFC 8058's one-click body, or stores a choice made on the page.</summary>
internal sealed class UnsubscribeEndpoints(
    TrackingIds ids, EventIntake intake, IDbContextFactory<ScoreDb> databases, TrackingPolicy policy, RecipientChoices choices, UnsubscribeRetry retry, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var endpoints = routes.ServiceProvider.GetRequiredService<UnsubscribeEndpoints>();
        foreach (var path in (string[])["/api/track/unsubscribe/{id}", "/u/{id}"])
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], endpoints.AskAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
            routes.MapMethods(path, [HttpMethods.Post], endpoints.AnswerAsync).AllowAnonymous().ShortCircuit().ExcludeFromDescription();
        }
    }

    private async Task AskAsync(HttpContext context)
    {
        if (!TryRead(context, out var id))
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status404NotFound, TrackingAnswers.NotFound);
            return;
        }

        await WriteAsync(context, await FindAsync(id, context.RequestAborted), UnsubscribeOutcome.Asked);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!TryRead(context, out var id))
        {
            await TrackingAnswers.WritePageAsync(context, StatusCodes.Status404NotFound, TrackingAnswers.NotFound);
            return;
        }

        UnsubscribeForm form;
        try
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = UnsubscribeForm.MaxBody;
            }

            form = await UnsubscribeForm.ReadAsync(context);
        }
        catch (BadHttpRequestException refused)
        {
            await WriteAsync(context, recipient: null, UnsubscribeOutcome.Failed, refused.StatusCode);
            return;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Nobody is there to be answered, and half a form says nothing.
            return;
        }

        var recipient = await FindAsync(id, context.RequestAborted);
        var outcome = await StoreAsync(context, id, recipient, form);
        if (outcome == UnsubscribeOutcome.Failed)
        {
            context.Response.Headers.RetryAfter = "30";
            context.Response.Headers["X-Event-Stored"] = "0";
            await WriteAsync(context, recipient, outcome, StatusCodes.Status503ServiceUnavailable);
            return;
        }

        // As it is now: what was chosen is shown as chosen.
        await WriteAsync(context, form is UnsubscribeForm.Everything ? recipient : await FindAsync(id, context.RequestAborted), outcome);
    }

    private async Task<UnsubscribeOutcome> StoreAsync(HttpContext context, TrackingId id, UnsubscribeRecipient? recipient, UnsubscribeForm form)
    {
        // The sender's own preview must not decide anything for the recipient it was made for.
        if (id.Preview)
        {
            return form is UnsubscribeForm.Everything ? UnsubscribeOutcome.Unsubscribed : UnsubscribeOutcome.Saved;
        }

        try
        {
            // What was asked for is done even when the person closes the page meanwhile.
            switch (form)
            {
                case UnsubscribeForm.Everything:
                    return await UnsubscribeAsync(context, id, recipient);
                case UnsubscribeForm.Wanted wanted when recipient is not null:
                    await choices.SaveTopicsAsync(recipient, wanted.Topics, CancellationToken.None);
                    break;
                case UnsubscribeForm.Tracking tracking when recipient is not null:
                    var allows = tracking.Answer == TrackingConsent.Granted;
                    await choices.SaveConsentAsync(recipient, tracking.Answer, UnsubscribePage.Wording(Texts(context), policy.Current, allows), CancellationToken.None);
                    break;
            }

            return UnsubscribeOutcome.Saved;
        }
        catch (DbException)
        {
            return UnsubscribeOutcome.Failed;
        }
    }

    private async Task<UnsubscribeOutcome> UnsubscribeAsync(HttpContext context, TrackingId id, UnsubscribeRecipient? recipient)
    {
        var now = time.GetUtcNow();

        // Pressing twice is one wish and the first stays; but who was let back onto the list may leave it again by an old mail.
        var again = recipient is { Before: true, Unsubscribed: false } ? string.Create(CultureInfo.InvariantCulture, $":{now.ToUnixTimeMilliseconds()}") : "";
        var unsubscribed = Hits.Event(context, EventType.Unsubscribed, id, now) with
        {
            KnownVerdict = Verdict.None,
            KnownReasons = VerdictReasons.None,
            SourceKey = string.Create(CultureInfo.InvariantCulture, $"unsubscribe:{id.MessageId}{again}"),
        };
        try
        {
            await intake.StoreAsync(unsubscribed, Lane.Unsubscribe, CancellationToken.None);
            return UnsubscribeOutcome.Unsubscribed;
        }
        catch (EventNotStoredException)
        {
            retry.Hold(unsubscribed, recipient?.Email);
            return UnsubscribeOutcome.Failed;
        }
    }

    // A page that cannot be filled in still has its button.
    private async Task<UnsubscribeRecipient?> FindAsync(TrackingId id, CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            return await UnsubscribeRecipient.FindAsync(db, id.MessageId, cancellationToken);
        }
        catch (DbException)
        {
            return null;
        }
    }

    private Task WriteAsync(HttpContext context, UnsubscribeRecipient? recipient, UnsubscribeOutcome outcome, int status = StatusCodes.Status200OK)
    {
        var texts = Texts(context);
        context.Response.Headers.ContentLanguage = texts.Language;
        context.Response.Headers.Vary = "Accept-Language";
        return TrackingAnswers.WritePageAsync(context, status, UnsubscribePage.Write(texts, recipient, policy.Current, outcome));
    }

    private static UnsubscribeTexts Texts(HttpContext context) => AcceptLanguage.Choose(context.Request.Headers.AcceptLanguage);

    private bool TryRead(HttpContext context, out TrackingId id) =>
        ids.TryRead(TrackingKind.Unsubscribe, (string?)context.Request.RouteValues["id"], out id);
}
