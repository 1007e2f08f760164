using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>A segment as the API shows it.</summary>
/// <param name="Sentence">The rule in English.</param>
public sealed record SegmentAnswer(string Id, string Name, JsonElement Rule, string Sentence, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>/api/v1/segments: audiences told by a rule. Who belongs to them: <c>Contacts/SegmentContactEndpoints.cs</c>.</summary>
public static class SegmentEndpoints
{
    private const string List = "segments";

    public static void MapSegments(this IEndpointRouteBuilder routes)
    {
        var segments = routes.MapGroup("/api/v1/segments").WithTags("Segments");
        segments.MapGet("", ListAsync).RequireScope(Scopes.ContactsRead).WithSummary("List segments");
        segments.MapPost("", CreateAsync).RequireScope(Scopes.ContactsWrite).Accepts<SegmentBody>("application/json")
            .WithSummary("Make a segment")
            .WithDescription($$$"""
                A rule is a group or a condition. Groups: {"op":"and"|"or","rules":[…]} and {"op":"not","rule":{…}}, up to {{{SegmentRule.MaxDepth}}} deep with up to {{{SegmentRule.MaxConditions}}} conditions.
                Events: {"event":"opened","done":true,"within_days":30,"campaign_id":null,"link_contains":null,"at_least":1}; event is opened, clicked, replied, sent, delivered, bounced,
                complained or unsubscribed; within (PT30M, P1Y) may stand instead of within_days, neither means ever; link_contains is for clicks. Opens and clicks are confirmed ones.
                Fields: {"field":"engagement_score","op":"gte","value":30}; field is engagement_score, email, customer_id, created_at, suppressed, suppression_reason, tracking_consent or
                attributes.<name>; op is eq, neq, contains, starts_with, ends_with, gt, gte, lt, lte, between (value [lower, upper]), set or not_set. Text is compared in any case, a date
                without a time is the whole day in UTC. Lists: {"list":"lst_1","in":true}. 422 names each fault by its place, such as rule.rules[1].within_days.
                """);
        segments.MapGet("/{id}", GetAsync).RequireScope(Scopes.ContactsRead).WithSummary("Read a segment");
        segments.MapPatch("/{id}", ChangeAsync).RequireScope(Scopes.ContactsWrite).Accepts<SegmentBody>("application/json").WithSummary("Change a segment's name or rule; what is missing stays");
        segments.MapDelete("/{id}", RemoveAsync).RequireScope(Scopes.ContactsWrite).WithSummary("Remove a segment; the people in it stay contacts")
            .WithDescription("409 while a published or paused journey goes by it.");
    }

    internal static Task<Results<Ok<Listing<SegmentAnswer>>, ProblemHttpResult>> ListAsync(int? limit, string? cursor, ScoreDb db, CancellationToken cancellationToken) =>
        IdPages.ReadAsync(
            List,
            limit,
            cursor,
            async (after, count) => await AnswersAsync(db, db.Segments.Where(segment => segment.Id > after).OrderBy(segment => segment.Id).Take(count), cancellationToken),
            segment => PublicId.TrySegment(segment.Id, out var id) ? id : 0);

    internal static async Task<Results<Created<One<SegmentAnswer>>, ProblemHttpResult>> CreateAsync(HttpRequest request, SegmentEdits edits, ScoreDb db, CancellationToken cancellationToken)
    {
        var (body, problem) = await SegmentBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        (var rule, problem) = await SegmentBody.RuleAsync(body.Rule, db, cancellationToken);
        if (rule is null)
        {
            return problem!;
        }

        var saved = await edits.SaveAsync(0, body.Name ?? "", SegmentRuleJson.Write(rule), cancellationToken);
        return saved.Errors.Count > 0
            ? Problems.Invalid(saved.Errors)
            : TypedResults.Created($"/api/v1/segments/{PublicId.Segment(saved.Id)}", Answers.Data((await FindAsync(db, saved.Id, cancellationToken))!));
    }

    internal static async Task<Results<Ok<One<SegmentAnswer>>, ProblemHttpResult>> GetAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TrySegment(id, out var number) && await FindAsync(db, number, cancellationToken) is { } found ? TypedResults.Ok(Answers.Data(found)) : Missing();

    internal static async Task<Results<Ok<One<SegmentAnswer>>, ProblemHttpResult>> ChangeAsync(string id, HttpRequest request, SegmentEdits edits, ScoreDb db, CancellationToken cancellationToken)
    {
        var (body, problem) = await SegmentBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return problem!;
        }

        if (!PublicId.TrySegment(id, out var number) || await db.Segments.AsNoTracking().FirstOrDefaultAsync(segment => segment.Id == number, cancellationToken) is not { } known)
        {
            return Missing();
        }

        var rule = known.Rule;
        if (body.Rule is not null)
        {
            (var changed, problem) = await SegmentBody.RuleAsync(body.Rule, db, cancellationToken);
            if (changed is null)
            {
                return problem!;
            }

            rule = SegmentRuleJson.Write(changed);
        }

        var saved = await edits.SaveAsync(number, body.Name ?? known.Name, rule, cancellationToken);
        if (saved.Errors.Count > 0)
        {
            return Problems.Invalid(saved.Errors);
        }

        return await FindAsync(db, saved.Id, cancellationToken) is { } segment ? TypedResults.Ok(Answers.Data(segment)) : Missing();
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string id, SegmentEdits edits, CancellationToken cancellationToken) =>
        !PublicId.TrySegment(id, out var number) ? Missing() : await edits.RemoveAsync(number, cancellationToken) switch
        {
            { Id: > 0 } => TypedResults.NoContent(),
            { Conflict: { } conflict } => Problems.Conflict(conflict),
            _ => Missing(),
        };

    private static async Task<SegmentAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await AnswersAsync(db, db.Segments.Where(segment => segment.Id == id), cancellationToken) is [var found] ? found : null;

    private static async Task<IReadOnlyList<SegmentAnswer>> AnswersAsync(ScoreDb db, IQueryable<Segment> wanted, CancellationToken cancellationToken)
    {
        var segments = (await wanted.AsNoTracking().ToListAsync(cancellationToken)).ConvertAll(segment => (Segment: segment, Rule: SegmentRuleJson.Stored(segment.Rule)));
        var names = await SegmentReferences.NamesAsync(db, segments.Select(segment => segment.Rule), cancellationToken);
        return segments.ConvertAll(read => new SegmentAnswer(
            PublicId.Segment(read.Segment.Id), read.Segment.Name, SegmentRuleJson.Element(read.Rule), SegmentWords.Sentence(read.Rule, names), read.Segment.CreatedAt, read.Segment.UpdatedAt));
    }

    private static ProblemHttpResult Missing() => Problems.NotFound("segment");
}
