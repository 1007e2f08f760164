using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Settings;

namespace ScoreTracking.Reports;

/// <summary>Reports over several campaigns, over the API. The pages show the same queries.</summary>
public static class WorkspaceEndpoints
{
    public static void MapWorkspaceReports(this IEndpointRouteBuilder routes)
    {
        var reports = routes.MapGroup("/api/v1/reports").RequireScope(Scopes.ReportsRead);
        reports.MapGet("/compare", CompareAsync).WithSummary("Two to ten campaigns side by side, with hours since their first message");
        reports.MapGet("/overview", OverviewAsync).WithSummary("All campaigns over the last 7, 28 or 90 days, beside the period before");
        reports.MapGet("/providers", ProvidersAsync).WithSummary("Complaints and bounces by mailbox provider, over all campaigns that started in the last days");
    }

    internal static async Task<Results<Ok<One<IReadOnlyList<ProviderHealth>>>, ProblemHttpResult>> ProvidersAsync(string? days, ScoreDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var chosen = ProviderHealthQuery.DefaultDays;
        return days is not null && !(int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out chosen) && chosen is > 0 and <= ProviderHealthQuery.MaxDays)
            ? Problems.Invalid("days", $"must be 1 to {ProviderHealthQuery.MaxDays}")
            : TypedResults.Ok(Answers.Data(await ProviderHealthQuery.RunAsync(db, chosen, clock.GetUtcNow(), cancellationToken)));
    }

    internal static async Task<Results<Ok<One<IReadOnlyList<ComparedCampaign>>>, ProblemHttpResult>> CompareAsync(
        string[]? ids, string? opens, string? basis, ScoreDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis, errors);
        var (read, wrong) = ReadIds(ids);
        if (wrong.Count > 0)
        {
            errors["ids"] = [$"must be campaign ids such as cmp_1, not {string.Join(", ", wrong.Take(CompareQuery.MaxCampaigns))}"];
        }
        else if (read.Count is < CompareQuery.MinCampaigns or > CompareQuery.MaxCampaigns)
        {
            errors["ids"] = [$"must be {CompareQuery.MinCampaigns} to {CompareQuery.MaxCampaigns} different campaigns, separated by commas"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var campaigns = await CompareQuery.RunAsync(db, read, view, clock.GetUtcNow(), cancellationToken);
        return campaigns.Count == read.Count
            ? TypedResults.Ok(Answers.Data(campaigns))
            : Problems.Invalid("ids", $"there is no campaign {string.Join(", ", read.Select(PublicId.Campaign).Except(campaigns.Select(campaign => campaign.Id)))}");
    }

    internal static async Task<Results<Ok<One<Overview>>, ProblemHttpResult>> OverviewAsync(
        string? days, string? tz, string? opens, ScoreDb db, OrganizationSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var view = ReportView.Read(opens, basis: null, errors);
        var chosen = ReadDays(days);
        if (days is not null && chosen.ToString(CultureInfo.InvariantCulture) != days)
        {
            errors["days"] = ["must be 7, 28 or 90"];
        }

        var zone = settings.Current.Zone;
        if (tz is not null && !TimeZones.TryFind(tz, out zone))
        {
            errors["tz"] = ["must be an IANA time zone such as Europe/Berlin"];
        }

        return errors.Count > 0
            ? Problems.Invalid(errors)
            : TypedResults.Ok(Answers.Data(await OverviewQuery.RunAsync(db, new OverviewRequest(chosen, zone!, view.Opens), clock.GetUtcNow(), cancellationToken)));
    }

    /// <summary>What of a query string are ids, each once and in order, and what is none. Several may stand in one value, separated by commas.</summary>
    internal static (IReadOnlyList<long> Read, IReadOnlyList<string> Wrong) ReadIds(string[]? values)
    {
        var read = new List<long>();
        var wrong = new List<string>();
        foreach (var text in (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!PublicId.TryCampaign(text, out var id))
            {
                wrong.Add(text.Length > 40 ? text[..40] + "…" : text);
            }
            else if (!read.Contains(id))
            {
                read.Add(id);
            }
        }

        return (read, wrong);
    }

    /// <summary>One of <see cref="OverviewRequest.AllDays"/>; anything else is 28.</summary>
    internal static int ReadDays(string? text) => text switch { "7" => 7, "90" => 90, _ => 28 };
}
