using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;

namespace ScoreTracking.Segments;

/// <summary>A segment as callers write it. Read by hand: rules may lie deeper in each other than other bodies may, so that one that goes too deep is told so.</summary>
/// <param name="Rule">A tree of groups and conditions.</param>
public sealed record SegmentBody(string? Name, JsonElement? Rule)
{
    private static readonly string[] s_members = ["name", "rule"];
    private static readonly string[] s_unknown = ["unknown member"];

    /// <returns>A problem instead of a body where it cannot be read.</returns>
    internal static async Task<(SegmentBody? Body, ProblemHttpResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return (null, TypedResults.Problem(statusCode: 415, title: "The request could not be read", detail: "The body must be application/json."));
        }

        JsonElement json;
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, SegmentRuleJson.Document, cancellationToken);
            json = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return (null, Problems.BadRequest("body", "not valid JSON, or deeper than any rule may be"));
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, Problems.BadRequest("body", "must be an object"));
        }

        var errors = json.EnumerateObject().Where(member => !s_members.Contains(member.Name)).Select(member => member.Name).Distinct()
            .ToDictionary(name => name, _ => s_unknown);
        var name = Member(json, "name");
        if (name is { ValueKind: not JsonValueKind.String })
        {
            errors["name"] = ["must be text"];
        }

        return errors.Count > 0 ? (null, Problems.BadRequest(errors)) : (new SegmentBody(name?.GetString(), Member(json, "rule")), null);
    }

    /// <summary>Reads the rule and looks whether there is what it names.</summary>
    internal static async Task<(SegmentRule? Rule, ProblemHttpResult? Problem)> RuleAsync(JsonElement? json, Data.ScoreDb db, CancellationToken cancellationToken)
    {
        if (json is not { } given)
        {
            return (null, Problems.Invalid("rule", "required"));
        }

        var faults = new List<RuleFault>();
        var rule = SegmentRuleJson.Read(given, "rule", faults);
        if (rule is not null)
        {
            await SegmentReferences.CheckAsync(db, rule, "rule", faults, cancellationToken);
        }

        if (faults.Count == 0)
        {
            return (rule, null);
        }

        // What cannot be read outweighs what makes no sense.
        var unreadable = faults.Exists(fault => fault.Unreadable);
        var errors = faults.Where(fault => fault.Unreadable == unreadable).GroupBy(fault => fault.Path).ToDictionary(same => same.Key, same => same.Select(fault => fault.Error).Distinct().ToArray());
        return (null, unreadable ? Problems.BadRequest(errors) : Problems.Invalid(errors));
    }

    private static JsonElement? Member(JsonElement json, string name) => json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
}
