using Microsoft.AspNetCore.Http.Features;

namespace ScoreTracking.Api;

/// <summary>A text that stands in a path as one segment: somebody else's id, an address.</summary>
public static class PathText
{
    /// <summary>What the caller meant. The framework leaves %2F as it is, because a slash would end the segment: "a%2Fb" may be "a/b" or, written "a%252Fb", itself.</summary>
    /// <param name="segment">As the route has it.</param>
    public static string Read(HttpRequest request, string segment)
    {
        if (!segment.Contains("%2F", StringComparison.OrdinalIgnoreCase) || request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is not { } target)
        {
            return segment;
        }

        foreach (var written in target.Split('?')[0].Split('/'))
        {
            var meant = Uri.UnescapeDataString(written);
            if (meant.Replace("/", "%2F", StringComparison.Ordinal).Equals(segment, StringComparison.OrdinalIgnoreCase))
            {
                return meant;
            }
        }

        return segment;
    }
}
