using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;

namespace ScoreTracking.Settings;

/// <summary>The settings as the API writes them.</summary>
/// <param name="TimeZone">IANA name.</param>
/// <param name="IgnoredNetworks">Addresses and CIDR networks whose opens and clicks are our own.</param>
/// <param name="Honeypot">Whether campaigns that start from now on carry a link only machines find.</param>
/// <param name="TrackingMode">individual, aggregate or off.</param>
/// <param name="UnknownConsent">granted or denied: what people who never answered count as.</param>
public sealed record SettingsAnswer(string Name, string TimeZone, IReadOnlyList<string> IgnoredNetworks, bool Honeypot, string TrackingMode, string UnknownConsent);

/// <summary>What to change; what is missing stays.</summary>
public sealed record SettingsChange
{
    public string? Name { get; init; }
    public string? TimeZone { get; init; }

    /// <summary>The whole list; an empty one ignores nobody.</summary>
    public IReadOnlyList<string?>? IgnoredNetworks { get; init; }
    public bool? Honeypot { get; init; }

    /// <summary>individual: opens and clicks are a person's; aggregate: only counted; off: mail carries neither pixel nor tracked links.</summary>
    public string? TrackingMode { get; init; }

    /// <summary>granted or denied: what people who never answered count as.</summary>
    public string? UnknownConsent { get; init; }
}

public static class SettingsEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/api/v1/settings").RequireScope(Scopes.Admin);
        settings.MapGet("", Read).WithSummary("Read the settings");
        settings.MapPatch("", ChangeAsync).WithSummary("Change settings");
    }

    internal static Ok<One<SettingsAnswer>> Read(OrganizationSettings settings, Filtering filtering, TrackingPolicy policy) =>
        Answer(settings.Current, filtering, policy.Current);

    internal static async Task<Results<Ok<One<SettingsAnswer>>, ProblemHttpResult>> ChangeAsync(
        SettingsChange change, OrganizationSettings settings, Filtering filtering, TrackingPolicy policy, CancellationToken cancellationToken)
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

        IgnoredNetworks? ignored = null;
        if (change.IgnoredNetworks is { } entries && (ignored = IgnoredNetworks.TryRead(entries, out var refused)) is null)
        {
            foreach (var (index, error) in refused)
            {
                errors[index.Length == 0 ? "ignored_networks" : $"ignored_networks[{index}]"] = [error];
            }
        }

        TrackingMode? mode = null;
        if (change.TrackingMode is not null)
        {
            if (TrackingModes.TryParse(change.TrackingMode, out var chosen))
            {
                mode = chosen;
            }
            else
            {
                errors["tracking_mode"] = ["must be individual, aggregate or off"];
            }
        }

        if (change.UnknownConsent is not (null or "granted" or "denied"))
        {
            errors["unknown_consent"] = ["must be granted or denied"];
        }

        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var rules = await policy.ChangeAsync(mode, change.UnknownConsent is { } unknown ? unknown == TrackingModes.UnknownName(true) : null, cancellationToken);
        await filtering.ChangeAsync(ignored, change.Honeypot, cancellationToken);
        return Answer(await settings.ChangeAsync(name, zone, cancellationToken), filtering, rules);
    }

    private static Ok<One<SettingsAnswer>> Answer(OrganizationProfile organization, Filtering filtering, TrackingRules tracking) =>
        TypedResults.Ok(Answers.Data(new SettingsAnswer(
            organization.Name, organization.Zone.Id, filtering.Ignored.Texts, filtering.Honeypot,
            tracking.Mode.Name(), TrackingModes.UnknownName(tracking.TracksUnknown))));
}
