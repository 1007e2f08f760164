using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace ScoreTracking.Suppressions;

/// <summary>The file in a request, read as it arrives: the form binder would first buffer the whole upload.</summary>
internal static class UploadedFile
{
    private const int MaxBoundary = 200;

    /// <returns>The body of a text/csv request or the first file of a multipart one; null without.</returns>
    /// <exception cref="InvalidDataException">The multipart body is broken.</exception>
    public static async Task<Stream?> OpenAsync(HttpRequest request, CancellationToken cancellationToken)
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
        if (!type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) || boundary.Length is 0 or > MaxBoundary)
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
}
