using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>GET …/report/recipients: the browser's list over the API.</summary>
public static class RecipientEndpoints
{
    public static void MapRecipientBrowser(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/campaigns/{id}/report/recipients", ListAsync)
            .RequireScope(Scopes.ReportsRead)
            .WithSummary("Recipients with the time of everything that happened")
            .WithDescription("""
                status is a shown status (pending, processed, sent, deferred, delivered, dropped, bounced, opened, clicked, unsubscribed, complained) or what has
                happened at any time: has_delivered, has_opened, not_opened, has_confirmed, not_confirmed, has_clicked, not_clicked, has_bounced, bounced_hard,
                bounced_soft, bounced_block, has_unsubscribed, has_replied. q is the beginning of an address, or a whole customer id; variant the id of a variant;
                link_id who clicked that link. sort is added, email or last_event, with a minus the other way round; in the order of last_event only recipients
                with an event are listed. A page may hold fewer than limit, even none, while next_cursor goes on: where few of very many fit, each request looks
                through a bounded number. count=true adds how many there are where counters know.
                """);

    internal static async Task<Results<Ok<Listing<RecipientRow>>, ProblemHttpResult>> ListAsync(
        string id,
        string? status,
        string? q,
        string? variant,
        string? link_id,
        string? sort,
        string? cursor,
        int? limit,
        bool? count,
        ScoreDb db,
        CancellationToken cancellationToken)
    {
        if (PageCursor.Check(limit) is { } wrongLimit)
        {
            return wrongLimit;
        }

        if (await FindCampaignAsync(db, id, cancellationToken) is not { } campaignId)
        {
            return Problems.NotFound("campaign");
        }

        var errors = new Dictionary<string, string[]>();
        var filter = await ReadAsync(db, campaignId, new RecipientAddress(status, q, variant, link_id, sort), errors, cancellationToken);
        if (errors.Count == 0 && !RecipientsQuery.IsCursor(campaignId, filter, cursor))
        {
            errors["cursor"] = ["not a cursor of this list with these filters"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var page = await RecipientsQuery.RunAsync(db, campaignId, filter, cursor, limit ?? PageCursor.DefaultLimit, cancellationToken);
        return TypedResults.Ok(new Listing<RecipientRow>(page.Rows, page.Next, count == true ? page.Count : null));
    }

    /// <summary>Reads a filter as an address has it; what it says wrongly is noted under its field, and means any.</summary>
    internal static async Task<RecipientFilter> ReadAsync(
        ScoreDb db, long campaignId, RecipientAddress address, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        var filter = RecipientFilter.Read(address.Status, address.Q, address.Sort, errors);
        if (!string.IsNullOrEmpty(address.Variant))
        {
            var position = await db.Variants.Where(v => v.CampaignId == campaignId && v.Key == address.Variant).Select(v => (int?)v.Position).FirstOrDefaultAsync(cancellationToken);
            filter = filter with { Variant = position };
            if (position is null)
            {
                errors["variant"] = ["no variant of this campaign"];
            }
        }

        if (!string.IsNullOrEmpty(address.LinkId))
        {
            if (PublicId.TryLink(address.LinkId, out var linkId) && await db.Links.AnyAsync(l => l.Id == linkId && l.CampaignId == campaignId, cancellationToken))
            {
                filter = filter with { LinkId = linkId };
            }
            else
            {
                errors["link_id"] = ["no link of this campaign"];
            }
        }

        return filter;
    }

    internal static async Task<long?> FindCampaignAsync(ScoreDb db, string id, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) && await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken) ? campaignId : null;
}

/// <summary>The filter of a list of recipients as it stands in an address.</summary>
/// <param name="Variant">The variant's id, "s1.c2".</param>
public sealed record RecipientAddress(string? Status, string? Q, string? Variant, string? LinkId, string? Sort);
