using System.Globalization;
using System.Security.Claims;
using CsvHelper;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>A job as the API writes it.</summary>
/// <param name="Kind">recipients_import, recipients_audience (of segments and lists), contacts_import or suppressions_import.</param>
/// <param name="CampaignId">Null where the job is no campaign's.</param>
/// <param name="Status">waiting, running, done or failed.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
/// <param name="Excluded">Of an audience: also in a segment or list that is left out.</param>
/// <param name="NotConsenting">Of an audience: refused what the campaign is about, or to be tracked.</param>
/// <param name="ErrorsUrl">CSV of the rows that were not taken, by a path on this server; null while there are none.</param>
public sealed record JobAnswer(
    string Id, string Kind, string? CampaignId, string Status, long Processed, long Total, long Added, long Duplicates, long Suppressed, long Invalid,
    long Excluded, long NotConsenting, string? Error, string? ErrorsUrl, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt)
{
    public static JobAnswer Of(Job job) => new(
        PublicId.Job(job.Id), job.Kind, job.CampaignId == 0 ? null : PublicId.Campaign(job.CampaignId), job.Status, job.Processed, job.Total, job.Added, job.Duplicates, job.Suppressed, job.Invalid,
        job.Excluded,
        job.NotConsenting,
        job.Error.Length > 0 ? job.Error : null,
        job.Invalid > 0 ? $"/api/v1/jobs/{PublicId.Job(job.Id)}/errors.csv" : null,
        job.CreatedAt,
        StoredTime.OrNull(job.FinishedAt));
}

internal static class JobEndpoints
{
    private const int Page = 5_000;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/api/v1/jobs").WithTags("Jobs").RequireScope(Scopes.JobsRead);
        jobs.MapGet("/{id}", GetAsync).WithSummary("Progress and result of an import");
        jobs.MapGet("/{id}/errors.csv", ErrorsAsync).WithSummary("The rows an import could not take");
    }

    /// <summary>The same file for people, who have a session and no key.</summary>
    public static void MapImportErrors(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/campaigns/{campaign}/imports/{id}/errors.csv", ErrorsOfCampaignAsync).RequireAuthorization(Policies.Marketer).ExcludeFromDescription();
        routes.MapGet("/contacts/imports/{id}/errors.csv", ErrorsOfContactsAsync).RequireAuthorization(Policies.Marketer).ExcludeFromDescription();
    }

    private static async Task<Results<Ok<One<JobAnswer>>, ProblemHttpResult>> GetAsync(string id, ClaimsPrincipal caller, ScoreDb db, CancellationToken cancellationToken) =>
        await FindAsync(id, db, cancellationToken) is { } job && MaySee(caller, job) ? TypedResults.Ok(Answers.Data(JobAnswer.Of(job))) : Problems.NotFound("job");

    private static async Task<IResult> ErrorsAsync(string id, ClaimsPrincipal caller, ScoreDb db, CancellationToken cancellationToken) =>
        await FindAsync(id, db, cancellationToken) is { } job && MaySee(caller, job) ? Errors(db, job, cancellationToken) : Problems.NotFound("job");

    private static PushStreamHttpResult Errors(ScoreDb db, Job job, CancellationToken cancellationToken) =>
        TypedResults.Stream(output => WriteErrorsAsync(output, db, job.Id, cancellationToken), "text/csv; charset=utf-8", $"{PublicId.Job(job.Id)}-errors.csv");

    private static async Task<IResult> ErrorsOfCampaignAsync(string campaign, string id, ScoreDb db, CancellationToken cancellationToken) =>
        await FindAsync(id, db, cancellationToken) is { } job && PublicId.Campaign(job.CampaignId) == campaign
            ? Errors(db, job, cancellationToken)
            : Problems.NotFound("import");

    private static async Task<IResult> ErrorsOfContactsAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        await FindAsync(id, db, cancellationToken) is { Kind: ContactImport.Kind } job ? Errors(db, job, cancellationToken) : Problems.NotFound("import");

    // A key sees the jobs of what it may read.
    private static bool MaySee(ClaimsPrincipal caller, Job job) =>
        caller.HasClaim(AuthClaims.Scope, job.Kind switch
        {
            ContactImport.Kind => Scopes.ContactsRead,
            SuppressionImport.Kind => Scopes.SuppressionRead,
            _ => Scopes.CampaignsRead,
        }) || caller.HasClaim(AuthClaims.Scope, Scopes.Admin);

    private static async Task WriteErrorsAsync(Stream output, ScoreDb db, long jobId, CancellationToken cancellationToken)
    {
        // A cell may begin like a formula: these rows are what somebody else wrote.
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { Injection = CsvInjection.Escape }, leaveOpen: true);
        csv.WriteField("line");
        csv.WriteField("email");
        csv.WriteField("error");
        await csv.EndRecordAsync(cancellationToken);
        var after = 0L;
        while (true)
        {
            var rows = await db.JobErrors.Where(e => e.JobId == jobId && e.Line > after).OrderBy(e => e.Line).Take(Page).ToListAsync(cancellationToken);
            foreach (var row in rows)
            {
                csv.WriteField(row.Line.ToString(CultureInfo.InvariantCulture));
                csv.WriteField(row.Email);
                csv.WriteField(row.Error);
                await csv.EndRecordAsync(cancellationToken);
            }

            if (rows.Count < Page)
            {
                break;
            }

            after = rows[^1].Line;
        }

        await csv.FlushAsync(cancellationToken);
    }

    private static async Task<Job?> FindAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryJob(id, out var jobId) ? await db.Jobs.FirstOrDefaultAsync(j => j.Id == jobId, cancellationToken) : null;
}
