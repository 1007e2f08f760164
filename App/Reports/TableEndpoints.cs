using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Settings;

namespace ScoreTracking.Reports;

/// <summary>The tables of a report's sections as CSV: the same answers as the API's, in columns. They name nobody, so whoever sees the report may take them.</summary>
public static class TableEndpoints
{
    public static void MapTables(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/api/v1/campaigns/{id}/report").RequireScope(Scopes.ReportsRead));
        Map(routes.MapGroup("/campaigns/{id}/report").RequireAuthorization().ExcludeFromDescription());
    }

    private static void Map(RouteGroupBuilder report)
    {
        report.MapGet("/timeline.csv", TimelineAsync).WithSummary("The timeline as CSV");
        report.MapGet("/links.csv", LinksAsync).WithSummary("Links as CSV");
        report.MapGet("/geo.csv", GeographyAsync).WithSummary("Countries or cities as CSV");
        report.MapGet("/clients.csv", ClientsAsync).WithSummary("Mail clients, devices, browsers or systems as CSV");
        report.MapGet("/providers.csv", ProvidersAsync).WithSummary("Mailbox providers as CSV");
        report.MapGet("/variants.csv", VariantsAsync).WithSummary("Variants of a test as CSV");
    }

    private static async Task<IResult> TimelineAsync(
        string id, string? interval, string? tz, string? from, string? to, string? opens, ScoreDb db, OrganizationSettings settings, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await ReportEndpoints.TimelineAsync(id, interval, tz, from, to, opens, db, settings, cancellationToken);
        return answer.Result is Ok<One<IReadOnlyList<TimelineRow>>> { Value: { } timeline }
            ? await FileAsync(db, context, id, "timeline", ["start_utc", "start_local", "sent", "delivered", "opens", "unique_opens", "clicks", "unique_clicks", "bounced", "unsubscribed"], timeline.Data.Select(row =>
                new object?[] { row.StartUtc, row.Label, row.Sent, row.Delivered, row.Opens, row.UniqueOpens, row.Clicks, row.UniqueClicks, row.Bounced, row.Unsubscribed }), cancellationToken)
            : answer.Result;
    }

    private static async Task<IResult> LinksAsync(string id, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await ReportEndpoints.LinksAsync(id, db, cancellationToken);
        return answer.Result is Ok<LinksReport> { Value: { } links }
            ? await FileAsync(db, context, id, "links", ["id", "url", "label", "content", "position", "total_clicks", "unique_clicks", "sent", "ctr", "anonymous_clicks"], links.Data.Select(link =>
                new object?[] { link.Id, link.Url, link.Label, link.Content, link.Position, link.TotalClicks, link.UniqueClicks, link.Ctr.Denominator, link.Ctr.Rate, link.AnonymousClicks }), cancellationToken)
            : answer.Result;
    }

    private static async Task<IResult> GeographyAsync(
        string id, [FromQuery(Name = "event")] string? hit, string? by, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await GeographyEndpoints.ListAsync(id, hit, by, db, cancellationToken);
        return answer.Result is Ok<GeographyReport> { Value: { } places }
            ? await FileAsync(db, context, id, by == "city" ? "cities" : "countries", ["code", "name", "region", "messages", "events", "share"], places.Data.Select(place =>
                new object?[] { place.Code, place.Name, place.Region, place.Messages, place.Events, place.Share.Rate }), cancellationToken)
            : answer.Result;
    }

    private static async Task<IResult> ClientsAsync(
        string id, [FromQuery(Name = "event")] string? hit, string? by, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await ClientsEndpoints.ListAsync(id, hit, by, db, cancellationToken);
        return answer.Result is Ok<ClientsReport> { Value: { } clients }
            ? await FileAsync(db, context, id, by switch { "device" => "devices", "browser" => "browsers", "os" => "systems", _ => "clients" }, ["name", "messages", "events", "share"], clients.Data.Select(client =>
                new object?[] { client.Name, client.Messages, client.Events, client.Share.Rate }), cancellationToken)
            : answer.Result;
    }

    private static async Task<IResult> ProvidersAsync(string id, string? opens, string? basis, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await ProvidersEndpoints.ListAsync(id, opens, basis, db, cancellationToken);
        return answer.Result is Ok<One<IReadOnlyList<ProviderRow>>> { Value: { } providers }
            ? await FileAsync(db, context, id, "providers", ["provider", .. s_figures, "warnings"], providers.Data.Select(provider =>
                (object?[])[provider.Provider, .. Cells(provider), string.Join(' ', provider.Warnings)]), cancellationToken)
            : answer.Result;
    }

    private static async Task<IResult> VariantsAsync(
        string id, string? metric, string? opens, string? basis, ScoreDb db, HttpContext context, CancellationToken cancellationToken)
    {
        var answer = await ReportEndpoints.VariantsAsync(id, metric, opens, basis, db, cancellationToken);
        return answer.Result is Ok<One<VariantsReport>> { Value: { } variants }
            ? await FileAsync(db, context, id, "variants", ["id", .. s_figures, "p_best", "expected_loss"], variants.Data.Variants.Select(variant =>
                (object?[])[variant.Id, .. Cells(variant), variant.PBest, variant.ExpectedLoss]), cancellationToken)
            : answer.Result;
    }

    private static readonly string[] s_figures =
    [
        "sent", "delivered", "opened", "confirmed_opened", "total_opens", "clicked", "total_clicks", "bounced", "bounced_hard", "bounced_soft", "bounced_block",
        "complained", "unsubscribed", "deferred", "dropped", "replied", "open_rate", "click_rate", "click_to_open", "bounce_rate", "complaint_rate", "unsubscribe_rate",
    ];

    private static object?[] Cells(Figures figures) =>
    [
        figures.Sent, figures.Delivered, figures.Opened, figures.ConfirmedOpened, figures.TotalOpens, figures.Clicked, figures.TotalClicks,
        figures.Bounced.Total, figures.Bounced.Hard, figures.Bounced.Soft, figures.Bounced.Block, figures.Complained, figures.Unsubscribed, figures.Deferred, figures.Dropped, figures.Replied,
        figures.Rates.Open.Rate, figures.Rates.Click.Rate, figures.Rates.ClickToOpen.Rate, figures.Rates.Bounce.Rate, figures.Rates.Complaint.Rate, figures.Rates.Unsubscribe.Rate,
    ];

    private static async Task<IResult> FileAsync(
        ScoreDb db, HttpContext context, string id, string table, IReadOnlyList<string> columns, IEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        _ = PublicId.TryCampaign(id, out var campaignId);
        var campaign = await db.Campaigns.Where(c => c.Id == campaignId).Select(c => c.Name).FirstAsync(cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return CsvTable.File(CsvTable.FileName(campaign, $"{table}.csv"), columns, rows, forPeople: !context.Request.Path.StartsWithSegments("/api"));
    }
}
