using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Segments;

namespace ScoreTracking.Contacts;

/// <summary>The people of a segment or a list as a file, streamed by key whatever its size.</summary>
internal static class ContactExport
{
    private const string CsvType = "text/csv; charset=utf-8";
    private const string NdjsonType = "application/x-ndjson";
    private const int Chunk = 1_000;

    // As every CSV file of ours: no cell a spreadsheet would run.
    private static readonly CsvWriterOptions s_csv = new() { Injection = CsvInjection.Escape, InjectionCharacters = "=+-@\t\r\n" };

    public static void MapContactExports(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, tag) in (ReadOnlySpan<(string, string)>)[("segments", "Segments"), ("lists", "Lists")])
        {
            var what = path[..^1];
            var files = routes.MapGroup($"/api/v1/{path}/{{id}}").WithTags(tag).RequireScope(Scopes.ExportsRead);
            files.MapGet("/contacts.csv", CsvAsync).WithSummary($"The people of a {what} as CSV").WithDescription("Their attributes stand as JSON in the column data. Each time in UTC and in the organization's zone.");
            files.MapGet("/contacts.ndjson", NdjsonAsync).WithSummary($"The people of a {what} as NDJSON").WithDescription("A line for each, as /contacts shows them.");

            // The same for people, who have a session and no key.
            var pages = routes.MapGroup($"/{path}/{{id}}").RequireAuthorization(Policies.Marketer).ExcludeFromDescription();
            pages.MapGet("/contacts.csv", CsvAsync);
            pages.MapGet("/contacts.ndjson", NdjsonAsync);
        }
    }

    private static async Task<IResult> CsvAsync(
        string id, HttpContext context, ScoreDb db, IDbContextFactory<ScoreDb> databases, SegmentQueries segments, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await RuleAsync(db, id, context, cancellationToken) is not { } rule)
        {
            return Missing(context);
        }

        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(await db.Organization.Select(organization => organization.TimeZone).SingleAsync(cancellationToken), out var known) ? known : TimeZoneInfo.Utc;

        // Spreadsheets tell UTF-8 by a mark that programs trip over.
        var forPeople = !context.Request.Path.StartsWithSegments("/api");
        return TypedResults.Stream(output => WriteCsvAsync(output, PeopleAsync(databases, segments, rule, clock, cancellationToken), zone, forPeople, cancellationToken), CsvType, $"{id}.csv");
    }

    private static async Task<IResult> NdjsonAsync(
        string id, HttpContext context, ScoreDb db, IDbContextFactory<ScoreDb> databases, SegmentQueries segments, TimeProvider clock, CancellationToken cancellationToken) =>
        await RuleAsync(db, id, context, cancellationToken) is { } rule
            ? TypedResults.Stream(output => WriteNdjsonAsync(output, PeopleAsync(databases, segments, rule, clock, cancellationToken), cancellationToken), NdjsonType, $"{id}.ndjson")
            : Missing(context);

    private static bool IsSegment(HttpContext context) => context.Request.Path.Value!.Contains("/segments/", StringComparison.OrdinalIgnoreCase);

    private static ProblemHttpResult Missing(HttpContext context) => Problems.NotFound(IsSegment(context) ? "segment" : "list");

    // A list is the shortest rule.
    private static async Task<SegmentRule?> RuleAsync(ScoreDb db, string id, HttpContext context, CancellationToken cancellationToken)
    {
        if (!IsSegment(context))
        {
            return PublicId.TryList(id, out var list) && await db.Lists.AnyAsync(known => known.Id == list, cancellationToken) ? new ListRule(list) : null;
        }

        return PublicId.TrySegment(id, out var segment) && await db.Segments.Where(known => known.Id == segment).Select(known => known.Rule).FirstOrDefaultAsync(cancellationToken) is { } stored
            ? SegmentRuleJson.Stored(stored)
            : null;
    }

    private static async IAsyncEnumerable<ContactAnswer> PeopleAsync(
        IDbContextFactory<ScoreDb> databases, SegmentQueries segments, SegmentRule rule, TimeProvider clock,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long? after = 0; after is { } from;)
        {
            var page = await segments.PageAsync(rule, from, Chunk, cancellationToken);
            foreach (var person in await ReadAsync(databases, page.Contacts, clock.GetUtcNow(), cancellationToken))
            {
                yield return person;
            }

            after = page.Next;
        }
    }

    private static async Task<List<ContactAnswer>> ReadAsync(IDbContextFactory<ScoreDb> databases, IReadOnlyList<long> contacts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var people = new List<ContactAnswer>(contacts.Count);
        if (contacts.Count > 0)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var score = await ScoreClock.ReadAsync(db, now, cancellationToken);
            await Sql.ReadAsync(
                db,
                $"SELECT {ContactAnswer.Columns} FROM json_each($ids) wanted CROSS JOIN contacts c ON c.id = wanted.value {ContactAnswer.Joins} WHERE c.deleted_at = 0 ORDER BY c.id",
                [("$ids", JsonSerializer.Serialize(contacts))],
                row => people.Add(ContactAnswer.Read(row, 0, score)),
                cancellationToken);
        }

        return people;
    }

    private static async Task WriteCsvAsync(Stream output, IAsyncEnumerable<ContactAnswer> people, TimeZoneInfo zone, bool forPeople, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, s_csv with { WriteByteOrderMark = forPeople }, leaveOpen: true);
        foreach (var column in (string[])["email", "customer_id", "engagement_score", "tracking_consent", "suppression", "created_at", "created_at_local", "id", "data"])
        {
            csv.WriteField(column);
        }

        await csv.EndRecordAsync(cancellationToken);
        var written = 0;
        await foreach (var person in people)
        {
            csv.WriteField(person.Email);
            csv.WriteField(person.CustomerId ?? "");
            csv.WriteField(person.EngagementScore.ToString(CultureInfo.InvariantCulture));
            csv.WriteField(person.TrackingConsent);
            csv.WriteField(person.Suppression?.Reason ?? "");
            csv.WriteField(ApiSetup.Text(person.CreatedAt));
            csv.WriteField(TimeZoneInfo.ConvertTime(person.CreatedAt, zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            csv.WriteField(person.Id);
            csv.WriteField(person.Data.GetRawText());
            await csv.EndRecordAsync(cancellationToken);
            if (++written % Chunk == 0)
            {
                await csv.FlushAsync(cancellationToken);
            }
        }

        await csv.FlushAsync(cancellationToken);
    }

    private static async Task WriteNdjsonAsync(Stream output, IAsyncEnumerable<ContactAnswer> people, CancellationToken cancellationToken)
    {
        await foreach (var person in people)
        {
            await JsonSerializer.SerializeAsync(output, person, ApiSetup.Json, cancellationToken);
            await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }
}
