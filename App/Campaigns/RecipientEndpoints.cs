using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Contacts;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

public sealed record RecipientsBody(IReadOnlyList<RecipientBody?>? Recipients = null);

/// <param name="Duplicates">Were in the campaign before, or stand in the request twice.</param>
public sealed record RecipientsAnswer(int Added, int Duplicates, IReadOnlyList<SuppressedRecipient> Suppressed, IReadOnlyList<InvalidRecipient> Invalid);

/// <param name="Reason">hard_bounce, complaint, soft_bounce, unsubscribed, manual or import.</param>
public sealed record SuppressedRecipient(string Email, string? CustomerId, string Reason);

/// <param name="Index">From 0.</param>
/// <param name="Error">The member at fault.</param>
public sealed record InvalidRecipient(int Index, string Error);

public sealed record ImportAnswer(string JobId);

/// <param name="Included">In one of the segments and lists; each of them is in one of the figures that follow.</param>
/// <param name="NotConsenting">Refused what the campaign is about, or to be tracked.</param>
/// <param name="Duplicates">In the campaign already.</param>
/// <param name="Recipients">Who would be added.</param>
public sealed record AudienceAnswer(long Included, long Excluded, long Suppressed, long NotConsenting, long Duplicates, long Recipients)
{
    public static AudienceAnswer Of(AudienceFigures figures) =>
        new(figures.Included, figures.Excluded, figures.Suppressed, figures.NotConsenting, figures.Duplicates, figures.Recipients);
}

internal static class RecipientEndpoints
{
    public const int MaxRecipients = 5_000;

    public static void MapRecipients(this RouteGroupBuilder campaigns)
    {
        campaigns.MapPost("/{id}/recipients", AddAsync).WithSummary("Add up to 5,000 recipients").RequireScope(Scopes.CampaignsWrite);
        campaigns.MapPost("/{id}/recipients/import", ImportAsync).WithSummary("Import recipients from CSV, segments or lists, as a job").RequireScope(Scopes.CampaignsWrite)
            .WithDescription("""
                multipart/form-data with a file, the file itself as text/csv, or JSON: {"segment_id": "seg_1", "exclude_segment_ids": ["seg_2"]}; also segment_ids,
                list_id, list_ids and exclude_list_ids, at most 20 of each. Whoever is in any of those taken and in none of those left out, when the import runs.
                The suppressed are left out, and so is whoever refused what the campaign is about or refused to be tracked; include_not_consenting takes the
                latter too, who get the mail without pixel and tracked links. GET /jobs/{id} tells how many were left out for what.
                """)
            .WithBodyLimit(ImportFiles.MaxFile + (64 * 1024));
        campaigns.MapPost("/{id}/recipients/estimate", EstimateAsync).WithSummary("What an import of segments or lists would come to now").RequireScope(Scopes.CampaignsRead)
            .WithDescription("The body as for an import. Nothing is changed.");
    }

    private static async Task<Results<Ok<One<RecipientsAnswer>>, ProblemHttpResult>> AddAsync(
        string id, RecipientsBody body, RecipientImport import, SqliteFile file, ErasedPeople erased, LiveUpdates live, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        if (body.Recipients is not { Count: > 0 and <= MaxRecipients })
        {
            return Problems.Invalid("recipients", $"must be 1 to {MaxRecipients}");
        }

        if (await import.CheckAsync(campaignId, cancellationToken) is { } refused)
        {
            return refused.ToProblem();
        }

        var rows = new List<ContactRow>(body.Recipients.Count);
        var invalid = new List<InvalidRecipient>();
        for (var i = 0; i < body.Recipients.Count; i++)
        {
            if (RecipientBody.TryRead(body.Recipients[i], out var row, out var error))
            {
                rows.Add(row);
            }
            else
            {
                invalid.Add(new InvalidRecipient(i, error));
            }
        }

        var answer = Add(campaignId, rows, invalid, file, erased, clock, cancellationToken);
        live.Signal([LiveTopic.Campaign(campaignId), LiveTopic.Contacts]);
        return answer is null ? Problems.Conflict("The campaign was stopped in the meantime.") : TypedResults.Ok(Answers.Data(answer));
    }

    private static RecipientsAnswer? Add(
        long campaignId, List<ContactRow> rows, List<InvalidRecipient> invalid, SqliteFile file, ErasedPeople erased, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var writer = new RecipientWriter(file, erased, campaignId, clock, instrument: false);
        var suppressed = new List<SuppressedRecipient>();
        var added = 0;
        foreach (var chunk in rows.Chunk(RecipientWriter.MaxRows))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (writer.Add(chunk) is not { } written)
            {
                return null;
            }

            for (var i = 0; i < chunk.Length; i++)
            {
                added += written[i].Added ? 1 : 0;
                if (written[i].SuppressedFor is { } reason)
                {
                    suppressed.Add(new SuppressedRecipient(chunk[i].Email, chunk[i].CustomerId, reason));
                }
            }
        }

        return new RecipientsAnswer(added, rows.Count - added - suppressed.Count, suppressed, invalid);
    }

    private static async Task<Results<Accepted<One<ImportAnswer>>, ProblemHttpResult>> ImportAsync(
        string id, HttpRequest request, RecipientImport import, AudienceImport audiences, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        if (await import.CheckAsync(campaignId, cancellationToken) is { } refused)
        {
            return refused.ToProblem();
        }

        if (request.HasJsonContentType())
        {
            var errors = new Dictionary<string, string[]>();
            var body = await request.ReadFromJsonAsync<ImportBody>(cancellationToken) ?? new ImportBody();
            return await body.ReadAsync(db, errors, cancellationToken) is { } audience
                ? Queued(await audiences.QueueAsync(campaignId, audience, cancellationToken))
                : Problems.Invalid(errors);
        }

        try
        {
            return await FileAsync(request, cancellationToken) is { } file
                ? Queued(await import.StartAsync(campaignId, file, cancellationToken))
                : Problems.Invalid("file", "required: one part of multipart/form-data with a file name");
        }
        catch (Exception exception) when (exception is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            return Problems.BadRequest("file", "the multipart body is broken");
        }
    }

    private static async Task<Results<Ok<One<AudienceAnswer>>, ProblemHttpResult>> EstimateAsync(
        string id, ImportBody body, AudienceEstimate estimate, ScoreDb db, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId) || !await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken))
        {
            return Problems.NotFound("campaign");
        }

        var errors = new Dictionary<string, string[]>();
        return await body.ReadAsync(db, errors, cancellationToken) is not { } audience ? Problems.Invalid(errors)
            : await estimate.RunAsync(campaignId, audience, progress: null, cancellationToken) is { } figures ? TypedResults.Ok(Answers.Data(AudienceAnswer.Of(figures)))
            : Problems.NotFound("campaign");
    }

    // Read as it arrives: the form binder would first buffer the whole upload.
    private static async Task<Stream?> FileAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return null;
        }

        if (type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
        {
            return request.Body;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) || boundary.Length is 0 or > 200)
        {
            return null;
        }

        var parts = new MultipartReader(boundary.Value!, request.Body);
        while (await parts.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            if (part.GetContentDispositionHeader()?.IsFileDisposition() == true)
            {
                return part.Body;
            }
        }

        return null;
    }

    private static Results<Accepted<One<ImportAnswer>>, ProblemHttpResult> Queued(Outcome<Job> outcome) =>
        outcome.Value is { } job ? Queued(job) : outcome.Refused!.ToProblem();

    private static Accepted<One<ImportAnswer>> Queued(Job job) => TypedResults.Accepted((string?)null, Answers.Data(new ImportAnswer(PublicId.Job(job.Id))));
}
