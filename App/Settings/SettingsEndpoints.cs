using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Engagement;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Settings;

/// <summary>The settings as the API writes them.</summary>
/// <param name="TimeZone">IANA name.</param>
/// <param name="IgnoredNetworks">Addresses and CIDR networks whose opens and clicks are our own.</param>
/// <param name="Honeypot">Whether campaigns that start from now on carry a link only machines find.</param>
/// <param name="TrackingMode">individual, aggregate or off.</param>
/// <param name="UnknownConsent">granted or denied: what people who never answered count as.</param>
/// <param name="SoftBounceLimit">Soft bounces of messages in a row after which an address is suppressed.</param>
/// <param name="PauseComplaintsPercent">Complaints from which on a campaign we hand off pauses by itself; 0: never.</param>
/// <param name="PauseComplaintsAfter">Messages below which that percentage says nothing.</param>
/// <param name="PauseHardBouncesPercent">Hard bounces from which on a campaign we hand off pauses by itself; 0: never.</param>
/// <param name="PauseHardBouncesAfter">Messages below which that percentage says nothing.</param>
/// <param name="ScoreHalfLifeDays">After how many days half of an engagement score is left.</param>
/// <param name="ScoreWeights">What opens, clicks and replies add to it.</param>
/// <param name="ScoreRebuild">How far scoring all contacts by these is, with the scores before in effect until then; null when done.</param>
public sealed record SettingsAnswer(
    string Name, string TimeZone, IReadOnlyList<string> IgnoredNetworks, bool Honeypot, double ScoreHalfLifeDays, ScoreWeightsAnswer ScoreWeights, RankingProgress? ScoreRebuild,
    string TrackingMode, string UnknownConsent, int SoftBounceLimit, double PauseComplaintsPercent, int PauseComplaintsAfter, double PauseHardBouncesPercent, int PauseHardBouncesAfter);

/// <param name="Open">Of the first open of a message; each further one counts half of that before.</param>
/// <param name="Click">Of the first click on each link of a message; each further one on the same link counts half.</param>
/// <param name="Reply">Of every reply.</param>
public sealed record ScoreWeightsAnswer(double Open, double Click, double Reply);

/// <summary>Weights to change; what is missing stays.</summary>
public sealed record ScoreWeightsChange
{
    /// <summary>0 to 1000, like the others; not all three 0.</summary>
    public double? Open { get; init; }
    public double? Click { get; init; }
    public double? Reply { get; init; }
}

/// <summary>What to change; what is missing stays.</summary>
public sealed record SettingsChange
{
    public string? Name { get; init; }
    public string? TimeZone { get; init; }

    /// <summary>The whole list; an empty one ignores nobody.</summary>
    public IReadOnlyList<string?>? IgnoredNetworks { get; init; }
    public bool? Honeypot { get; init; }

    /// <summary>1 to 3650. Changing it or a weight scores all contacts anew in the background.</summary>
    public double? ScoreHalfLifeDays { get; init; }
    public ScoreWeightsChange? ScoreWeights { get; init; }

    /// <summary>individual: opens and clicks are a person's; aggregate: only counted; off: mail carries neither pixel nor tracked links.</summary>
    public string? TrackingMode { get; init; }

    /// <summary>granted or denied: what people who never answered count as.</summary>
    public string? UnknownConsent { get; init; }

    /// <summary>2 to 50. The streaks there are are looked at anew in the background.</summary>
    public int? SoftBounceLimit { get; init; }

    /// <summary>0 to 100, of the messages handed over; 0 never pauses.</summary>
    public double? PauseComplaintsPercent { get; init; }

    /// <summary>1 to 1000000 messages.</summary>
    public int? PauseComplaintsAfter { get; init; }

    /// <summary>0 to 100, of the messages handed over; 0 never pauses.</summary>
    public double? PauseHardBouncesPercent { get; init; }

    /// <summary>1 to 1000000 messages.</summary>
    public int? PauseHardBouncesAfter { get; init; }
}

public static class SettingsEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/api/v1/settings").RequireScope(Scopes.Admin);
        settings.MapGet("", ReadAsync).WithSummary("Read the settings");
        settings.MapPatch("", ChangeAsync).WithSummary("Change settings");
    }

    internal static async Task<Ok<One<SettingsAnswer>>> ReadAsync(
        OrganizationSettings settings, Filtering filtering, TrackingPolicy policy, EngagementSettings engagement, SoftBounceLimit bounces, PauseLimits pausing,
        CancellationToken cancellationToken) =>
        Answer(settings.Current, filtering, policy.Current, await engagement.ReadAsync(cancellationToken), await bounces.ReadAsync(cancellationToken), await pausing.ReadAsync(cancellationToken));

    internal static async Task<Results<Ok<One<SettingsAnswer>>, ProblemHttpResult>> ChangeAsync(
        SettingsChange change, OrganizationSettings settings, Filtering filtering, TrackingPolicy policy, EngagementSettings engagement, SoftBounceLimit bounces, PauseLimits pausing,
        CancellationToken cancellationToken)
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

        if (change.SoftBounceLimit is { } limit && SoftBounceLimit.Error(limit) is { } unfit)
        {
            errors["soft_bounce_limit"] = [unfit];
        }

        var rates = Merge(change, await pausing.ReadAsync(cancellationToken));
        foreach (var (field, wrongRate) in rates.Errors())
        {
            errors[field] = wrongRate;
        }

        var scoring = Merge(change, (await engagement.ReadAsync(cancellationToken)).Wanted, errors);
        if (errors.Count > 0)
        {
            return Problems.Invalid(errors);
        }

        var rules = await policy.ChangeAsync(mode, change.UnknownConsent is { } unknown ? unknown == TrackingModes.UnknownName(true) : null, cancellationToken);
        await filtering.ChangeAsync(ignored, change.Honeypot, cancellationToken);
        await engagement.ChangeAsync(scoring, cancellationToken);
        if (change.SoftBounceLimit is { } softBounces)
        {
            await bounces.ChangeAsync(softBounces, cancellationToken);
        }

        await pausing.ChangeAsync(rates, cancellationToken);
        return Answer(
            await settings.ChangeAsync(name, zone, cancellationToken), filtering, rules, await engagement.ReadAsync(cancellationToken), await bounces.ReadAsync(cancellationToken), rates);
    }

    private static PauseRates Merge(SettingsChange change, PauseRates before) => new(
        change.PauseComplaintsPercent ?? before.ComplaintsPercent, change.PauseComplaintsAfter ?? before.ComplaintsAfter,
        change.PauseHardBouncesPercent ?? before.HardBouncesPercent, change.PauseHardBouncesAfter ?? before.HardBouncesAfter);

    private static Scoring Merge(SettingsChange change, Scoring before, Dictionary<string, string[]> errors)
    {
        var wanted = new Scoring(
            change.ScoreHalfLifeDays ?? before.HalfLifeDays, change.ScoreWeights?.Open ?? before.Open, change.ScoreWeights?.Click ?? before.Click, change.ScoreWeights?.Reply ?? before.Reply);
        (string Field, string? Error)[] checks =
        [
            ("score_half_life_days", Scoring.HalfLifeError(wanted.HalfLifeDays)),
            ("score_weights.open", Scoring.WeightError(wanted.Open)),
            ("score_weights.click", Scoring.WeightError(wanted.Click)),
            ("score_weights.reply", Scoring.WeightError(wanted.Reply)),
            ("score_weights", wanted.IsNothing ? "must not all be 0" : null),
        ];
        foreach (var (field, error) in checks)
        {
            if (error is not null)
            {
                errors[field] = [error];
            }
        }

        return wanted;
    }

    private static Ok<One<SettingsAnswer>> Answer(OrganizationProfile organization, Filtering filtering, TrackingRules tracking, ScoringState engagement, SoftBounceSetting bounces, PauseRates pausing) =>
        TypedResults.Ok(Answers.Data(new SettingsAnswer(
            organization.Name, organization.Zone.Id, filtering.Ignored.Texts, filtering.Honeypot,
            engagement.Wanted.HalfLifeDays, new ScoreWeightsAnswer(engagement.Wanted.Open, engagement.Wanted.Click, engagement.Wanted.Reply), engagement.Ranking,
            tracking.Mode.Name(), TrackingModes.UnknownName(tracking.TracksUnknown), bounces.Limit,
            pausing.ComplaintsPercent, pausing.ComplaintsAfter, pausing.HardBouncesPercent, pausing.HardBouncesAfter)));
}
