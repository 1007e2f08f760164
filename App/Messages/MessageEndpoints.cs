using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.EventLog;

namespace ScoreTracking.Messages;

/// <summary>Single mails, and what happened to any message.</summary>
public static class MessageEndpoints
{
    /// <summary>Largest request, in bytes: a mail of 5 MB with its JSON escapes, and 10 MB of files in base64. Above the API's usual 1 MB.</summary>
    private const long MaxBody = 22 * 1024 * 1024;

    private const int MaxEvents = 1_000;

    // HTML in JSON: the default would write every < and > as six characters.
    private static readonly JsonSerializerOptions s_json = new(ApiSetup.Json) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/api/v1/messages").WithTags("Messages");
        messages.MapPost("", PostAsync)
            .RequireScope(Scopes.CampaignsSend)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody))
            .WithSummary("Make a single mail, and send it with send: one copy per recipient, with pixel, tracked links and headers")
            .WithDescription("""
                from is an address, "Name <address>" or an object with email and name; to holds up to 100 recipients. With send this server hands the copies to
                connection_id, which may be left out where only one connection can send; attachments, up to 10 MB together, go with them. Without send the caller sends
                the copies of the answer. The copy to the sender's own address, and one to whoever refused tracking, carries no pixel and untouched links; untracked_because says why. If
                one recipient is suppressed nobody gets a copy: 409, with the reasons by recipient.
                """)
            .Produces<One<IReadOnlyList<InstrumentedMail>>>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        messages.MapGet("", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("List messages, newest first")
            .WithDescription("""
                Of campaigns and single mails; kind=single leaves only the latter. indicator is gray, green (opened), blue (clicked) or red (did not arrive); status the
                strongest thing that happened. A page may hold fewer than limit, even none, while next_cursor goes on: each request looks through a bounded number.
                """);
        messages.MapGet("/{id}", GetAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Read a message with everything that happened to it")
            .WithDescription("""
                delivery tells how a message stands that this server sends: waiting, uncertain, failed or withdrawn, with the attempts so far and the last answer; null once
                it was handed over, and for mail others send. POST …/actions/resend tries again what failed or is uncertain.
                """);
    }

    private static async Task<Results<JsonHttpResult<One<IReadOnlyList<InstrumentedMail>>>, ProblemHttpResult>> PostAsync(
        MailBody body, HttpContext context, MailCopies copies, CancellationToken cancellationToken) =>
        await copies.MakeAsync(body, createdBy: 0, RequestKey(context, body), cancellationToken) switch
        {
            MailOutcome.Made made => TypedResults.Json(Answers.Data(made.Copies), s_json, statusCode: StatusCodes.Status202Accepted),
            MailOutcome.Suppressed suppressed => Problems.Conflict("The address is suppressed", suppressed.Reasons),
            MailOutcome.Faults faults => Problems.Invalid(faults.Errors),
            var other => throw new InvalidOperationException($"{other} has no answer."),
        };

    internal static async Task<Results<Ok<Listing<MessageSummary>>, ProblemHttpResult>> ListAsync(
        string? customer_id, string? campaign_id, string? kind, string? status, string? indicator, string? cursor, int? limit, ScoreDb db, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        var errors = new FieldErrors();
        var filter = MessageFilter.Read(customer_id, campaign_id, kind, status, indicator, errors);
        if (errors.None && !MessageListQuery.IsCursor(filter, cursor))
        {
            errors.Add("cursor", "not a cursor of this list with these filters");
        }

        if (!errors.None)
        {
            return Problems.Invalid(errors.ToDictionary());
        }

        var page = await MessageListQuery.RunAsync(db, filter, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<MessageSummary>(page.Rows, page.Next));
    }

    internal static async Task<Results<Ok<One<MessageDetail>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryMessage(id, out var messageId) || await MessageListQuery.FindAsync(db, messageId, cancellationToken) is not { } summary)
        {
            return Problems.NotFound("message");
        }

        var log = await EventLogQuery.RunAsync(db, EventFilter.OfMessage(messageId), null, MaxEvents, cancellationToken);
        return TypedResults.Ok(Answers.Data(new MessageDetail(summary)
        {
            Events = [.. log.Rows.Reverse().OrderBy(logged => logged.OccurredAt)],
            HasMoreEvents = log.Next is not null,
            Delivery = await MessageDelivery.FindAsync(db, messageId, cancellationToken),
        }));
    }

    // The answer may be too large to be kept for a repetition, and a crash may come before it is: then the mail itself tells.
    private static byte[]? RequestKey(HttpContext context, MailBody body) =>
        context.Request.Headers.TryGetValue("Idempotency-Key", out var key)
            ? SHA256.HashData([.. Encoding.UTF8.GetBytes($"{ApiKeys.IdOf(context.User)} {key} "), .. JsonSerializer.SerializeToUtf8Bytes(body, ApiSetup.Json)])
            : null;
}
