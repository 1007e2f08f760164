using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>A notification as the API shows it.</summary>
/// <param name="Type">first_open, first_click, bounce, complaint, reply, campaign_paused or test_undecided.</param>
/// <param name="EventId">Null where it tells of no event.</param>
/// <param name="CampaignId">Null for a single mail.</param>
/// <param name="Subject">Of a single mail; the name of a campaign.</param>
/// <param name="At">When it happened.</param>
/// <param name="Read">Whether programs marked it as read; with user_id, whether that person did.</param>
public sealed record NotificationAnswer(
    string Id, string Type, string MessageId, DateTimeOffset At, bool Read, string? EventId, string? CampaignId, string Email, string? CustomerId, string Subject)
{
    internal static NotificationAnswer Of(NotificationRow row) => new(
        PublicId.Notification(row.Id),
        row.Kind.Name(),
        PublicId.Message(row.MessageId),
        row.At,
        row.Read,
        row.EventId == 0 ? null : PublicId.Event(row.EventId),
        row.CampaignId == 0 ? null : PublicId.Campaign(row.CampaignId),
        row.Email,
        row.CustomerId,
        row.Subject);
}

public sealed record MarkBody(bool Read);

/// <param name="Marked">How many were unread.</param>
public sealed record MarkedAnswer(int Marked);

/// <summary>What a person chose to be told of, as the API shows it.</summary>
/// <param name="Mails">own or all: whose single mails.</param>
/// <param name="MailTypes">Of single mails.</param>
/// <param name="CampaignTypes">Of campaigns: reply and complaint at most.</param>
/// <param name="Requested">The first open of mail a program made with notify_first_open.</param>
public sealed record PreferenceAnswer(string UserId, string Email, string Mails, IReadOnlyList<string> MailTypes, IReadOnlyList<string> CampaignTypes, bool Requested)
{
    internal static PreferenceAnswer Of(ToldPerson person) => new(
        PublicId.User(person.UserId),
        person.Email,
        person.Choice.EveryMail ? "all" : "own",
        person.Choice.OfMails.Names(),
        person.Choice.OfCampaigns.Names(),
        person.Choice.Requested);
}

/// <summary>What to change; what is missing stays.</summary>
public sealed record PreferenceChange
{
    public string? Mails { get; init; }
    public IReadOnlyList<string?>? MailTypes { get; init; }
    public IReadOnlyList<string?>? CampaignTypes { get; init; }
    public bool? Requested { get; init; }
}

/// <summary>/api/v1/notifications, and who is told of what.</summary>
public static class NotificationEndpoints
{
    public static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/notifications", ListAsync).RequireScope(Scopes.ReportsRead).WithTags("Notifications")
            .WithSummary("List notifications, newest first")
            .WithDescription("First opens and clicks by people, bounces, complaints and replies, each once per message, where somebody wants to be told or the mail asked for it; campaigns that paused themselves, and tests that wait for a person. Kept 90 days. read is the mark programs share; with user_id it is that person's, and only what they were told of is listed.");
        var changes = routes.MapGroup("/api/v1/notifications").RequireScope(Scopes.Admin).WithTags("Notifications");
        changes.MapPatch("/{id}", MarkAsync).WithSummary("Mark a notification as read or unread");
        changes.MapPost("/actions/read", MarkAllAsync).WithSummary("Mark all notifications as read");
        changes.MapGet("/preferences", PreferencesAsync).WithSummary("Who is told of what");
        changes.MapPatch("/preferences/{user_id}", ChangeAsync).WithSummary("Change what a person is told of, from now on");
    }

    internal static async Task<Results<Ok<Listing<NotificationAnswer>>, ProblemHttpResult>> ListAsync(
        string? type, string? message_id, bool? unread, string? user_id, int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        var errors = new Dictionary<string, string[]>();
        NotificationKinds? kind = null;
        if (type is not null)
        {
            if (NotificationWords.TryParse(type, out var parsed))
            {
                kind = parsed;
            }
            else
            {
                errors["type"] = [$"unknown: must be one of {Known(NotificationWords.Told)}"];
            }
        }

        long? message = null;
        if (message_id is not null)
        {
            if (PublicId.TryMessage(message_id, out var parsed))
            {
                message = parsed;
            }
            else
            {
                errors["message_id"] = ["not an id of this kind"];
            }
        }

        var user = ReadUser(user_id, errors);
        var filter = new NotificationFilter(user, kind, message, unread ?? false);
        if (errors.Count == 0 && !NotificationsQuery.IsCursor(filter, cursor))
        {
            errors["cursor"] = ["not a cursor of this list with these filters"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (user is { } id && await NotificationPreferences.FindAsync(db, id, cancellationToken) is null)
        {
            return Problems.NotFound("user who can be told");
        }

        var page = await NotificationsQuery.RunAsync(db, filter, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<NotificationAnswer>([.. page.Rows.Select(NotificationAnswer.Of)], page.Next));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> MarkAsync(string id, string? user_id, MarkBody body, NotificationMarks marks, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var user = ReadUser(user_id, errors);
        return errors.Count > 0 ? Problems.Invalid(errors)
            : PublicId.TryNotification(id, out var number) && await marks.MarkAsync(user, number, body.Read, cancellationToken) ? TypedResults.NoContent()
            : Problems.NotFound("notification");
    }

    internal static async Task<Results<Ok<One<MarkedAnswer>>, ProblemHttpResult>> MarkAllAsync(string? user_id, NotificationMarks marks, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var user = ReadUser(user_id, errors);
        return errors.Count > 0
            ? Problems.Invalid(errors)
            : TypedResults.Ok(Answers.Data(new MarkedAnswer(await marks.MarkAllAsync(user, long.MaxValue, cancellationToken))));
    }

    internal static async Task<Ok<Listing<PreferenceAnswer>>> PreferencesAsync(ScoreDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Listing<PreferenceAnswer>([.. (await NotificationPreferences.AllAsync(db, cancellationToken)).Select(PreferenceAnswer.Of)], NextCursor: null));

    internal static async Task<Results<Ok<One<PreferenceAnswer>>, ProblemHttpResult>> ChangeAsync(
        string user_id, PreferenceChange change, NotificationPreferences preferences, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryUser(user_id, out var user) || await NotificationPreferences.FindAsync(db, user, cancellationToken) is not { } person)
        {
            return Problems.NotFound("user who can be told");
        }

        var errors = new Dictionary<string, string[]>();
        if (change.Mails is not (null or "own" or "all"))
        {
            errors["mails"] = ["must be own or all"];
        }

        var mails = Kinds("mail_types", change.MailTypes, NotificationWords.All, errors);
        var campaigns = Kinds("campaign_types", change.CampaignTypes, NotificationWords.OfCampaigns, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var before = person.Choice;
        var choice = new NotificationChoice(
            change.Mails is null ? before.EveryMail : change.Mails == "all", mails ?? before.OfMails, campaigns ?? before.OfCampaigns, change.Requested ?? before.Requested);
        await preferences.ChangeAsync(user, choice, cancellationToken);
        return TypedResults.Ok(Answers.Data(PreferenceAnswer.Of(person with { Choice = choice })));
    }

    private static NotificationKinds? Kinds(string field, IReadOnlyList<string?>? names, IReadOnlyList<NotificationKinds> allowed, Dictionary<string, string[]> errors)
    {
        if (names is null)
        {
            return null;
        }

        var kinds = NotificationWords.Read(names, allowed);
        if (kinds is null)
        {
            errors[field] = [$"must be of {Known(allowed)}"];
        }

        return kinds;
    }

    private static long? ReadUser(string? text, Dictionary<string, string[]> errors)
    {
        if (text is null)
        {
            return null;
        }

        if (!PublicId.TryUser(text, out var user))
        {
            errors["user_id"] = ["not an id of this kind"];
        }

        return user;
    }

    private static string Known(IReadOnlyList<NotificationKinds> kinds) => string.Join(", ", kinds.Select(NotificationWords.Name));
}
