using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Contacts;

public sealed record ContactImportAnswer(string JobId);

/// <summary>Contacts from CSV, as a job.</summary>
public static class ContactImportEndpoints
{
    private const int MaxMapping = 64 * 1024;

    public static void AddContactImport(this IServiceCollection services)
    {
        services.AddSingleton<ContactImport>();
        services.AddHostedService(provider => provider.GetRequiredService<ContactImport>());
    }

    public static void MapContactImport(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/contacts/import", ImportAsync).WithTags("Contacts").RequireScope(Scopes.ContactsWrite)
            .WithMetadata(new RequestSizeLimitAttribute(ImportFiles.MaxFile + (2 * MaxMapping)))
            .WithSummary("Import contacts from CSV, as a job")
            .WithDescription("""
                multipart/form-data with a file, or the file itself as text/csv. Columns named email, customer_id and tracking_consent are those, every other
                becomes an attribute of its name. The part (or query parameter) mapping says otherwise, as JSON: {"E-Mail": "email", "Kunde": "customer_id",
                "Vorname": "first_name", "Notizen": null}; null leaves a column out. The part (or query parameter)
                list_id names a list everybody in the file is put on. GET /jobs/{id} tells how far it is and where the rows are that were not valid.
                """);

    /// <summary>The rows of an import that were not valid, for people.</summary>
    public static string ErrorsAddress(long jobId) => $"/contacts/imports/{PublicId.Job(jobId)}/errors.csv";

    private static async Task<Results<Accepted<One<ContactImportAnswer>>, ProblemHttpResult>> ImportAsync(
        HttpRequest request, string? mapping, string? list_id, ContactImport imports, ScoreDb db, CancellationToken cancellationToken)
    {
        var received = new Received(mapping, list_id);
        try
        {
            await ReadAsync(request, imports, received, cancellationToken);
            if (received.TooLarge)
            {
                return Problems.Invalid("file", ImportFiles.TooLarge);
            }

            if (received.File is not { } file)
            {
                return Problems.Invalid("file", "required: one part of multipart/form-data with a file name, or text/csv");
            }

            var columns = ColumnMapping.Read(received.Mapping, out var wrong);
            if (wrong.Length > 0)
            {
                return Problems.Invalid("mapping", wrong);
            }

            var listId = 0L;
            if (received.List is { Length: > 0 } list && (!PublicId.TryList(list, out listId) || !await db.Lists.AnyAsync(known => known.Id == listId, cancellationToken)))
            {
                return Problems.Invalid("list_id", "there is no such list");
            }

            received.File = null;
            var (job, error) = await imports.QueueAsync(0, file, columns, listId, cancellationToken);
            return job is null
                ? Problems.Invalid("file", error)
                : TypedResults.Accepted((string?)null, Answers.Data(new ContactImportAnswer(PublicId.Job(job.Id))));
        }
        catch (Exception exception) when (exception is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            return Problems.BadRequest("file", "the multipart body is broken");
        }
        finally
        {
            if (received.File is { } left)
            {
                imports.Files.Discard(left);
            }
        }
    }

    // Read as it arrives: the form binder would first buffer the whole upload.
    private static async Task ReadAsync(HttpRequest request, ContactImport imports, Received received, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            return;
        }

        if (type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
        {
            await KeepAsync(request.Body, imports, received, cancellationToken);
            return;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary);
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) || boundary.Length is 0 or > 200)
        {
            return;
        }

        var parts = new MultipartReader(boundary.Value!, request.Body);
        while (!received.TooLarge && await parts.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            var disposition = part.GetContentDispositionHeader();
            if (disposition?.IsFileDisposition() == true && received.File is null)
            {
                await KeepAsync(part.Body, imports, received, cancellationToken);
            }
            else if (disposition is not null && HeaderUtilities.RemoveQuotes(disposition.Name).Equals("mapping", StringComparison.Ordinal))
            {
                received.Mapping = await TextAsync(part.Body, cancellationToken);
            }
            else if (disposition is not null && HeaderUtilities.RemoveQuotes(disposition.Name).Equals("list_id", StringComparison.Ordinal))
            {
                received.List = await TextAsync(part.Body, cancellationToken);
            }
        }
    }

    private static async Task KeepAsync(Stream content, ContactImport imports, Received received, CancellationToken cancellationToken)
    {
        received.File = await imports.Files.KeepAsync(content, cancellationToken);
        received.TooLarge = received.File is null;
    }

    private static async Task<string> TextAsync(Stream part, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxMapping + 1];
        var length = await part.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return length > MaxMapping ? throw new InvalidDataException("The mapping is too long.") : Encoding.UTF8.GetString(bytes, 0, length);
    }

    private sealed class Received(string? mapping, string? list)
    {
        public string? File { get; set; }

        public bool TooLarge { get; set; }

        public string? Mapping { get; set; } = mapping;

        public string? List { get; set; } = list;
    }
}
