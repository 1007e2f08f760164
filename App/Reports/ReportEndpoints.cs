using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Experiments;
using ScoreTracking.Settings;

namespace ScoreTracking.Reports;

/// <summary>A campaign's report over the API. The pages show the same queries.</summary>
public static class ReportEndpoints
{
    public static void MapReports(this IEndpointRouteBuilder routes)
    {
        var report = routes.MapGroup("/api/v1/campaigns/{id}/report").RequireScope(Scopes.ReportsRead);
        report.MapGet("", SummaryAsync).WithSummary("Summary of a campaign: figures, rates, what was filtered");
        report.MapGet("/timeline", TimelineAsync).WithSummary("Sent, opens and clicks by hour or day, in any time zone");
        report.MapGet("/links", LinksAsync).WithSummary("Links with total and unique clicks");
        report.MapGet("/variants", VariantsAsync).WithSummary("Variants of a test, chances of being the best, margins, winner");
        routes.MapClickers();
        routes.MapClickMaps();
        routes.MapGeography();
        routes.MapClients();
        routes.MapProviders();
    }

    internal static async Task<Results<Ok<One<Summary>>, ProblemHttpResult>> SummaryAsync(
        string id, string? opens, string? basis, ScoreDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        return PublicId.TryCampaign(id, out var campaignId)
            && await SummaryQuery.RunAsync(db, campaignId, view, clock.GetUtcNow(), cancellationToken) is { } summary
                ? TypedResults.Ok(Answers.Data(summary))
                : NoCampaign();
    }

    internal static async Task<Results<Ok<One<IReadOnlyList<TimelineRow>>>, ProblemHttpResult>> TimelineAsync(
        string id,
        string? interval,
        string? tz,
        string? from,
        string? to,
        string? opens,
        ScoreDb db,
        OrganizationSettings settings,
        CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis: null, errors);
        if (interval is not (null or "hour" or "day"))
        {
            errors["interval"] = ["must be hour or day"];
        }

        var zone = settings.Current.Zone;
        if (tz is not null && !TimeZones.TryFind(tz, out zone))
        {
            errors["tz"] = ["must be an IANA time zone such as Europe/Berlin"];
        }

        var first = Time("from", from, errors);
        var end = Time("to", to, errors);
        if (first >= end)
        {
            errors["to"] = ["must be later than from"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        if (await FindAsync(id, db, cancellationToken) is not { } campaignId)
        {
            return NoCampaign();
        }

        TimelineInterval? length = interval switch { "hour" => TimelineInterval.Hour, "day" => TimelineInterval.Day, _ => null };
        var timeline = await TimelineQuery.RunAsync(db, campaignId, new TimelineRequest(zone!, length, first, end, view.Opens), cancellationToken);
        return timeline is null
            ? Problems.Invalid("interval", $"would give more than {TimelineQuery.MaxRows} rows: use day, or a shorter range with from and to")
            : TypedResults.Ok(Answers.Data(timeline.Rows));
    }

    internal static async Task<Results<Ok<LinksReport>, ProblemHttpResult>> LinksAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        await FindAsync(id, db, cancellationToken) is { } campaignId
            ? TypedResults.Ok(await LinksQuery.RunAsync(db, campaignId, cancellationToken))
            : NoCampaign();

    internal static async Task<Results<Ok<One<VariantsReport>>, ProblemHttpResult>> VariantsAsync(
        string id, string? metric, string? opens, string? basis, ScoreDb db, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        if (!TestMetrics.TryParse(metric, out var chosen))
        {
            errors["metric"] = [TestMetrics.Names];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        return PublicId.TryCampaign(id, out var campaignId)
            && await VariantsQuery.RunAsync(db, campaignId, chosen, view, cancellationToken) is { } variants
                ? TypedResults.Ok(Answers.Data(variants))
                : NoCampaign();
    }

    private static async Task<long?> FindAsync(string id, ScoreDb db, CancellationToken cancellationToken) =>
        PublicId.TryCampaign(id, out var campaignId) && await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken)
            ? campaignId
            : null;

    /// <summary>Reads a moment of a query string; a wrong one is noted under its field.</summary>
    internal static DateTimeOffset? Time(string field, string? text, Dictionary<string, string[]> errors)
    {
        if (text is null)
        {
            return null;
        }

        // Without an offset it would mean another moment on every server.
        string[] forms = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];
        if (!DateTimeOffset.TryParseExact(text.EndsWith('Z') ? text[..^1] + "+00:00" : text, forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            errors[field] = ["must be a time with an offset, such as 2026-10-25T00:00:00Z (a + is written %2B)"];
            return null;
        }

        if (time < TimelineQuery.Earliest || time > TimelineQuery.Latest)
        {
            errors[field] = [$"must lie between {TimelineQuery.Earliest.Year} and {TimelineQuery.Latest.Year}"];
            return null;
        }

        return time.ToUniversalTime();
    }

    private static ProblemHttpResult NoCampaign() => Problems.NotFound("campaign");
}
