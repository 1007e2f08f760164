using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Suppressions;

/// <summary>The list as a file, with the filters of the page, streamed whatever its size; and the rows an import could not take.</summary>
internal static class SuppressionExport
{
    private const string CsvType = "text/csv; charset=utf-8";
    private const int FlushEvery = 1_000;

    // As every CSV file of ours: no cell a spreadsheet would run.
    private static readonly CsvWriterOptions s_csv = new() { Injection = CsvInjection.Escape, InjectionCharacters = "=+-@\t\r\n" };

    public static void MapSuppressionFiles(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("/api/v1").WithTags("Suppressions").RequireScope(Scopes.SuppressionRead);
        files.MapGet("/suppressions.csv", CsvAsync).WithSummary("The suppression list as CSV").WithDescription("With the filters of the list. Each time in UTC and in the organization's zone.");
        files.MapGet("/suppressions.ndjson", NdjsonAsync).WithSummary("The suppression list as NDJSON").WithDescription("With the filters of the list.");

        // The same for people, who have a session and no key.
        var pages = routes.MapGroup("/suppressions").RequireAuthorization(Policies.Marketer).ExcludeFromDescription();
        pages.MapGet("/export.csv", CsvAsync);
        pages.MapGet("/export.ndjson", NdjsonAsync);
        pages.MapGet("/imports/{id}/errors.csv", ErrorsAsync);
    }

    /// <summary>The organization's zone; UTC where this machine does not know it.</summary>
    public static async Task<TimeZoneInfo> ZoneAsync(ScoreDb db, CancellationToken cancellationToken) =>
        TimeZoneInfo.TryFindSystemTimeZoneById(await db.Organization.Select(organization => organization.TimeZone).SingleAsync(cancellationToken), out var zone) ? zone : TimeZoneInfo.Utc;

    private static async Task<IResult> CsvAsync(
        string? reason, string? source, string? from, string? to, string? q, HttpContext context, ScoreDb db, IDbContextFactory<ScoreDb> databases, CancellationToken cancellationToken)
    {
        var zone = await ZoneAsync(db, cancellationToken);
        var errors = new Dictionary<string, string[]>();
        var filter = SuppressionFilter.Read(reason, source, from, to, q, zone, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        // Spreadsheets tell UTF-8 by a mark that programs trip over.
        var forPeople = !context.Request.Path.StartsWithSegments("/api");
        return TypedResults.Stream(output => WriteCsvAsync(output, databases, filter, zone, forPeople, cancellationToken), CsvType, "suppressions.csv");
    }

    private static async Task<IResult> NdjsonAsync(
        string? reason, string? source, string? from, string? to, string? q, ScoreDb db, IDbContextFactory<ScoreDb> databases, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var filter = SuppressionFilter.Read(reason, source, from, to, q, await ZoneAsync(db, cancellationToken), errors);
        return errors.Count > 0
            ? Problems.Invalid(errors)
            : TypedResults.Stream(output => WriteNdjsonAsync(output, databases, filter, cancellationToken), "application/x-ndjson", "suppressions.ndjson");
    }

    private static async Task WriteCsvAsync(
        Stream output, IDbContextFactory<ScoreDb> databases, SuppressionFilter filter, TimeZoneInfo zone, bool forPeople, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, s_csv with { WriteByteOrderMark = forPeople }, leaveOpen: true);
        foreach (var column in (string[])["email", "reason", "source", "campaign_id", "note", "created_at", "created_at_local"])
        {
            csv.WriteField(column);
        }

        await csv.EndRecordAsync(cancellationToken);
        var written = 0;
        await foreach (var row in SuppressionsQuery.AllAsync(databases, filter, cancellationToken))
        {
            csv.WriteField(row.Email);
            csv.WriteField(row.Reason);
            csv.WriteField(row.Source);
            csv.WriteField(row.CampaignId == 0 ? "" : PublicId.Campaign(row.CampaignId));
            csv.WriteField(row.Note);
            csv.WriteField(ApiSetup.Text(row.CreatedAt));
            csv.WriteField(TimeZoneInfo.ConvertTime(row.CreatedAt, zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture));
            await csv.EndRecordAsync(cancellationToken);
            if (++written % FlushEvery == 0)
            {
                await csv.FlushAsync(cancellationToken);
            }
        }

        await csv.FlushAsync(cancellationToken);
    }

    private static async Task WriteNdjsonAsync(Stream output, IDbContextFactory<ScoreDb> databases, SuppressionFilter filter, CancellationToken cancellationToken)
    {
        await foreach (var row in SuppressionsQuery.AllAsync(databases, filter, cancellationToken))
        {
            await JsonSerializer.SerializeAsync(output, SuppressionAnswer.Of(row), ApiSetup.Json, cancellationToken);
            await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }

    private static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ErrorsAsync(string id, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryJob(id, out var jobId) || !await db.Jobs.AnyAsync(job => job.Id == jobId && job.Kind == SuppressionImport.Kind, cancellationToken))
        {
            return Problems.NotFound("import");
        }

        return TypedResults.Stream(output => WriteErrorsAsync(output, db, jobId, cancellationToken), CsvType, $"{id}-errors.csv");
    }

    private static async Task WriteErrorsAsync(Stream output, ScoreDb db, long jobId, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, s_csv with { WriteByteOrderMark = true }, leaveOpen: true);
        csv.WriteField("line");
        csv.WriteField("email");
        csv.WriteField("error");
        await csv.EndRecordAsync(cancellationToken);
        var after = 0L;
        while (await db.JobErrors.Where(error => error.JobId == jobId && error.Line > after).OrderBy(error => error.Line).Take(FlushEvery).AsNoTracking().ToListAsync(cancellationToken)
            is { Count: > 0 } rows)
        {
            foreach (var row in rows)
            {
                csv.WriteField(row.Line.ToString(CultureInfo.InvariantCulture));
                csv.WriteField(row.Email);
                csv.WriteField(row.Error);
                await csv.EndRecordAsync(cancellationToken);
            }

            after = rows[^1].Line;
        }

        await csv.FlushAsync(cancellationToken);
    }
}
