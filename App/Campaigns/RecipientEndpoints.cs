using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
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

public sealed record ImportBody(string? SegmentId = null);

public sealed record ImportAnswer(string JobId);

internal static class RecipientEndpoints
{
    public const int MaxRecipients = 5_000;

    public static void MapRecipients(this RouteGroupBuilder campaigns)
    {
        campaigns.MapPost("/{id}/recipients", AddAsync).WithSummary("Add up to 5,000 recipients").RequireScope(Scopes.CampaignsWrite);
        campaigns.MapPost("/{id}/recipients/import", ImportAsync).WithSummary("Import recipients from CSV, as a job").RequireScope(Scopes.CampaignsWrite)
            .WithBodyLimit(RecipientImport.MaxFile + (64 * 1024));
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
        string id, HttpRequest request, RecipientImport import, CancellationToken cancellationToken)
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
            var body = await request.ReadFromJsonAsync<ImportBody>(cancellationToken);
            return body?.SegmentId is null
                ? Problems.Invalid("segment_id", "required")
                : Problems.Invalid("segment_id", "there are no segments on this server: import a CSV file");
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
        outcome.Value is { } job
            ? TypedResults.Accepted((string?)null, Answers.Data(new ImportAnswer(PublicId.Job(job.Id))))
            : outcome.Refused!.ToProblem();
}
