using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;

namespace ScoreTracking.Settings;

/// <summary>The settings as the API writes them.</summary>
/// <param name="TimeZone">IANA name.</param>
public sealed record SettingsAnswer(string Name, string TimeZone);

/// <summary>What to change; what is missing stays.</summary>
public sealed record SettingsChange
{
    public string? Name { get; init; }
    public string? TimeZone { get; init; }
}

public static class SettingsEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/api/v1/settings").RequireScope(Scopes.Admin);
        settings.MapGet("", Read).WithSummary("Read the settings");
        settings.MapPatch("", ChangeAsync).WithSummary("Change settings");
    }

    internal static Ok<One<SettingsAnswer>> Read(OrganizationSettings settings) => Answer(settings.Current);

    internal static async Task<Results<Ok<One<SettingsAnswer>>, ProblemHttpResult>> ChangeAsync(
        SettingsChange change, OrganizationSettings settings, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string[]>();
        var name = change.Name?.Trim();
        if (name is not null && OrganizationSettings.NameError(name) is { } wrong)
        {
            errors["name"] = [wrong];
        }

        TimeZoneInfo? zone = null;
        if (change.TimeZone is not null && !TimeZones.TryFind(change.TimeZone, out zone))
        {
            errors["time_zone"] = ["must be an IANA time zone such as Europe/Berlin"];
        }

        return errors.Count > 0 ? Problems.Invalid(errors) : Answer(await settings.ChangeAsync(name, zone, cancellationToken));
    }

    private static Ok<One<SettingsAnswer>> Answer(OrganizationProfile organization) =>
        TypedResults.Ok(Answers.Data(new SettingsAnswer(organization.Name, organization.Zone.Id)));
}
