using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>Whom a rule comes to.</summary>
/// <param name="Sentence">The rule in English.</param>
/// <param name="Sample">Up to ten of them.</param>
public sealed record SegmentPreview(long Count, string Sentence, IReadOnlyList<ContactAnswer> Sample);

/// <summary>Who belongs to a segment.</summary>
public static class SegmentContactEndpoints
{
    private const string List = "segment_contacts";
    private const int SampleSize = 10;

    // Where few of very many belong, a sample is as many as are found by then.
    private static readonly TimeSpan s_longestSample = TimeSpan.FromSeconds(2);

    public static void MapSegmentContacts(this IEndpointRouteBuilder routes)
    {
        var segments = routes.MapGroup("/api/v1/segments").WithTags("Segments");
        segments.MapPost("/preview", PreviewAsync).RequireScope(Scopes.ContactsRead).Accepts<SegmentBody>("application/json")
            .WithSummary("Count whom a rule comes to, with a sample of up to ten")
            .WithDescription("The body has a rule as POST /segments has it; nothing is stored.");
        segments.MapGet("/{id}/contacts", ListAsync).RequireScope(Scopes.ContactsRead)
            .WithSummary("Who belongs to a segment, as /contacts shows them")
            .WithDescription("""
                In the order they were added, as of the moment of each page. A page may hold fewer than limit, even none, while next_cursor goes on: each request looks for a bounded time.
                A cursor holds as long as the segment's rule stays. count=true adds how many there are, and looks at everybody for it.
                """);
    }

    internal static async Task<Results<Ok<One<SegmentPreview>>, ProblemHttpResult>> PreviewAsync(
        HttpRequest request, SegmentQueries segments, ScoreDb db, SuppressionCheck suppressions, TimeProvider clock, CancellationToken cancellationToken)
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

        var count = await segments.CountAsync(rule, progress: null, cancellationToken);
        var (sample, started) = (new List<long>(), Stopwatch.GetTimestamp());
        for (long? after = 0; after is { } from && sample.Count < Math.Min(SampleSize, count) && Stopwatch.GetElapsedTime(started) < s_longestSample;)
        {
            var page = await segments.PageAsync(rule, from, SampleSize - sample.Count, cancellationToken);
            sample.AddRange(page.Contacts);
            after = page.Next;
        }

        var names = await SegmentReferences.NamesAsync(db, [rule], cancellationToken);
        return TypedResults.Ok(Answers.Data(new SegmentPreview(count, SegmentWords.Sentence(rule, names), await ReadAsync(db, suppressions, sample, clock.GetUtcNow(), cancellationToken))));
    }

    internal static async Task<Results<Ok<Listing<ContactAnswer>>, ProblemHttpResult>> ListAsync(
        string id, int? limit, string? cursor, bool? count, SegmentQueries segments, ScoreDb db, SuppressionCheck suppressions, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrong)
        {
            return wrong;
        }

        if (!PublicId.TrySegment(id, out var number)
            || await db.Segments.Where(segment => segment.Id == number).Select(segment => segment.Rule).FirstOrDefaultAsync(cancellationToken) is not { } stored)
        {
            return Problems.NotFound("segment");
        }

        var scope = $"{id}\n{stored}";
        if (!SealedCursor.TryRead(List, scope, cursor, 1, out var key))
        {
            return Problems.Invalid("cursor", "not a cursor of this segment with the rule it has now");
        }

        var rule = SegmentRuleJson.Stored(stored);
        var page = await segments.PageAsync(rule, key?[0] ?? 0, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<ContactAnswer>(
            await ReadAsync(db, suppressions, page.Contacts, clock.GetUtcNow(), cancellationToken),
            page.Next is { } next ? SealedCursor.Write(List, scope, next) : null,
            count == true ? await segments.CountAsync(rule, progress: null, cancellationToken) : null));
    }

    private static async Task<IReadOnlyList<ContactAnswer>> ReadAsync(
        ScoreDb db, SuppressionCheck suppressions, IReadOnlyList<long> contacts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (contacts.Count == 0)
        {
            return [];
        }

        var people = new List<ContactAnswer>(contacts.Count);
        var score = await ScoreClock.ReadAsync(db, now, cancellationToken);
        await Sql.ReadAsync(
            db,
            $"SELECT {ContactAnswer.Columns} FROM json_each($ids) wanted CROSS JOIN contacts c ON c.id = wanted.value {ContactAnswer.Joins} WHERE c.deleted_at = 0 ORDER BY c.id",
            [("$ids", JsonSerializer.Serialize(contacts))],
            row => people.Add(ContactAnswer.Read(row, 0, score)),
            cancellationToken);
        return await ContactSuppressions.AddErasedAsync(suppressions, people, cancellationToken);
    }
}
