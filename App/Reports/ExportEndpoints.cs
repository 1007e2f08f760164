using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Settings;

namespace ScoreTracking.Reports;

/// <summary>A campaign's recipients and events as files, streamed: for programs with a key, and the same for people from their pages.</summary>
public static class ExportEndpoints
{
    private const string Filters = "With the filters of the list, whatever its size. CSV has each time twice, in UTC and in the organization's zone; NDJSON has every value as it is.";

    private enum Form
    {
        Csv,
        Ndjson,
    }

    private sealed record FormMetadata(Form Form);

    public static void MapExports(this IEndpointRouteBuilder routes)
    {
        Map(routes.MapGroup("/api/v1/campaigns/{id}/report").RequireScope(Scopes.ExportsRead));
        Map(routes.MapGroup("/campaigns/{id}/report").RequireAuthorization(Policies.Marketer).ExcludeFromDescription());
    }

    private static void Map(RouteGroupBuilder report)
    {
        report.MapGet("/recipients.csv", RecipientsAsync).WithMetadata(new FormMetadata(Form.Csv)).WithSummary("Recipients as CSV").WithDescription(Filters);
        report.MapGet("/recipients.ndjson", RecipientsAsync).WithMetadata(new FormMetadata(Form.Ndjson)).WithSummary("Recipients as NDJSON").WithDescription(Filters);
        report.MapGet("/events.csv", EventsAsync).WithMetadata(new FormMetadata(Form.Csv)).WithSummary("Activity log as CSV").WithDescription(Filters);
        report.MapGet("/events.ndjson", EventsAsync).WithMetadata(new FormMetadata(Form.Ndjson)).WithSummary("Activity log as NDJSON").WithDescription(Filters);
    }

    private static async Task<IResult> RecipientsAsync(
        string id,
        string? status,
        string? q,
        string? variant,
        string? link_id,
        string? sort,
        long? watch,
        HttpContext context,
        ScoreDb db,
        Exports exports,
        OrganizationSettings settings,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(db, id, cancellationToken) is not { } campaign)
        {
            return Problems.NotFound("campaign");
        }

        var errors = new Dictionary<string, string[]>();
        var filter = await RecipientEndpoints.ReadAsync(db, campaign.Id, new RecipientAddress(status, q, variant, link_id, sort), errors, cancellationToken);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        // What the order leaves out, the file does not.
        var total = await RecipientsQuery.CountAsync(db, campaign.Id, filter with { Order = RecipientOrder.Added, Descending = false }, cancellationToken);
        return Answer(context, exports, settings, clock, campaign, "recipients", connection => new RecipientsExport(connection, campaign.Id, filter), watch, total);
    }

    private static async Task<IResult> EventsAsync(
        string id,
        string? type,
        string? verdict,
        string? from,
        string? to,
        long? watch,
        HttpContext context,
        ScoreDb db,
        Exports exports,
        OrganizationSettings settings,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (await FindAsync(db, id, cancellationToken) is not { } campaign)
        {
            return Problems.NotFound("campaign");
        }

        var errors = new Dictionary<string, string[]>();
        var filter = EventLogEndpoints.Read("type", type, verdict, from, to, errors) with { CampaignId = campaign.Id };
        return errors.Count > 0
            ? Problems.Invalid(errors)
            : Answer(context, exports, settings, clock, campaign, "events", connection => new EventLogExport(connection, filter), watch, total: null);
    }

    private static IResult Answer(
        HttpContext context,
        Exports exports,
        OrganizationSettings settings,
        TimeProvider clock,
        (long Id, string Name) campaign,
        string what,
        Func<WriteConnection, ExportReader> open,
        long? watch,
        long? total)
    {
        if (!exports.TryEnter())
        {
            context.Response.Headers.RetryAfter = "30";
            return TypedResults.Problem(statusCode: 429, title: "Too many exports at once", detail: $"{Exports.MaxRunning} are running: try again when one of them is done.");
        }

        var form = context.GetEndpoint()!.Metadata.GetMetadata<FormMetadata>()!.Form;
        var forPeople = !context.Request.Path.StartsWithSegments("/api");
        var zone = settings.Current.Zone;
        var day = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var who = context.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } user ? $"user {user}" : "an API key";
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Stream(
            output => exports.RunAsync(
                $"{what} of campaign {campaign.Id} for {who}",
                open,
                columns => form == Form.Csv ? new CsvExportFile(columns, zone, forPeople) : new NdjsonExportFile(columns),
                output,
                watch ?? 0,
                total,
                context.RequestAborted),
            form == Form.Csv ? CsvTable.ContentType : "application/x-ndjson",
            CsvTable.FileName(campaign.Name, $"{what}-{day}.{(form == Form.Csv ? "csv" : "ndjson")}"));
    }

    private static async Task<(long Id, string Name)?> FindAsync(ScoreDb db, string id, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId)
        && await db.Campaigns.Where(c => c.Id == campaignId).Select(c => c.Name).FirstOrDefaultAsync(cancellationToken) is { } name
            ? (campaignId, name)
            : null;
}
