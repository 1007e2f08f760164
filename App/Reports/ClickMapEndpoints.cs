using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Reports;

/// <summary>The mail below a click map. For every signed-in person, as the report is: it is what thousands of recipients got.</summary>
public static class ClickMapEndpoints
{
    /// <summary>What the frame around it may do: our script measures where links stand, nothing in it runs.</summary>
    public const string Sandbox = MailFrame.Measuring;

    public static void MapClickMaps(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/campaigns/{id}/click-map", ShowAsync).RequireAuthorization().ExcludeFromDescription();

    public static string Address(string campaignId, string content) => $"/campaigns/{campaignId}/click-map{Query(content)}";

    /// <summary>The same below a share link.</summary>
    /// <param name="share">The link's path.</param>
    public static string SharedAddress(string share, string content) => $"{share}/mail{Query(content)}";

    internal static async Task<Results<ContentHttpResult, NotFound>> ShowAsync(
        string id, string? content, ScoreDb db, HttpResponse response, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) ? await AnswerAsync(campaignId, content, db, response, cancellationToken) : TypedResults.NotFound();

    internal static async Task<Results<ContentHttpResult, NotFound>> AnswerAsync(
        long campaignId, string? content, ScoreDb db, HttpResponse response, CancellationToken cancellationToken)
    {
        if (await ClickMapQuery.HtmlAsync(db, campaignId, content ?? "", cancellationToken) is not { } html)
        {
            return TypedResults.NotFound();
        }

        try
        {
            return MailFrame.Answer(response, MailExample.WithNumberedLinks(html), Sandbox);
        }
        catch (MailTemplateException)
        {
            // Checked when it was written, so no content that was sent comes here.
            return TypedResults.NotFound();
        }
    }

    private static string Query(string content) => content.Length == 0 ? "" : "?content=" + Uri.EscapeDataString(content);
}
