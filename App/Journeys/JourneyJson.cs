using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys;

/// <summary>A definition as JSON: the members trigger, steps, exit and again.</summary>
public static class JourneyJson
{
    private const string Never = "never";
    private const string AfterEnd = "after_end";

    // A rule may nest ten groups deep, each two levels; far deeper ones get an answer in words, too.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 256, AllowDuplicateProperties = false };

    /// <summary>A stored definition.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JourneyDefinition Read(string json)
    {
        using var document = Parse(json);
        var faults = new List<JourneyFault>();
        var fields = new JourneyFields(document.RootElement, "", faults);
        var definition = Read(fields, faults);
        fields.Done();
        return faults.Count == 0 ? definition : throw new JsonException(string.Join("; ", faults.Select(fault => $"{fault.Path}: {fault.Words}")));
    }

    /// <summary>Reads the members of a definition; others are left to the caller.</summary>
    /// <param name="faults">Filled with what could not be read. What could be read and makes no sense is told by <see cref="JourneyRules"/>.</param>
    internal static JourneyDefinition Read(JourneyFields fields, List<JourneyFault> faults)
    {
        var trigger = fields.Raw("trigger") is { } given ? ReadTrigger(new JourneyFields(given, fields.PathOf("trigger"), faults)) : new JourneyTrigger.Api();
        var steps = new List<JourneyStep>();
        foreach (var step in fields.Objects("steps"))
        {
            if (StepJson.Read(step, faults) is { } read)
            {
                steps.Add(read);
            }
        }

        var exit = fields.Raw("exit") is { } exits ? ReadExits(new JourneyFields(exits, fields.PathOf("exit"), faults), faults) : JourneyExits.Usual;
        var again = fields.TextOrNull("again") ?? Never;
        if (again is not (Never or AfterEnd))
        {
            fields.Fault("again", $"must be {Never} or {AfterEnd}");
        }

        return new JourneyDefinition(trigger, steps, exit, again == AfterEnd);
    }

    /// <summary>A body of the API, whose objects may nest deeper than elsewhere.</summary>
    /// <exception cref="JsonException">Not JSON, or the same member twice.</exception>
    internal static JsonDocument Parse(string json) => JsonDocument.Parse(json, s_options);

    /// <inheritdoc cref="Parse(string)"/>
    internal static Task<JsonDocument> ParseAsync(Stream body, CancellationToken cancellationToken) => JsonDocument.ParseAsync(body, s_options, cancellationToken);

    public static string Write(JourneyDefinition definition)
    {
        var json = new JsonObject();
        Write(definition, json);
        return json.ToJsonString();
    }

    /// <summary>Adds the members of a definition.</summary>
    internal static void Write(JourneyDefinition definition, JsonObject json)
    {
        json["trigger"] = definition.Trigger switch
        {
            JourneyTrigger.OfEvent reported => new JsonObject
            {
                ["event"] = reported.Type.Name(), ["campaign_id"] = Id(reported.CampaignId, PublicId.Campaign), ["link_contains"] = OrNull(reported.LinkContains),
            },
            JourneyTrigger.SegmentJoined joined => new JsonObject
            {
                ["event"] = "segment_joined", ["segment_id"] = Id(joined.SegmentId, PublicId.Segment), ["existing"] = joined.Existing,
            },
            JourneyTrigger.ListJoined joined => new JsonObject { ["event"] = "list_joined", ["list_id"] = Id(joined.ListId, PublicId.List) },
            _ => new JsonObject { ["event"] = "api" },
        };
        json["steps"] = new JsonArray([.. definition.Steps.Select(StepJson.Write)]);
        json["exit"] = new JsonObject { ["unsubscribed"] = definition.Exit.Unsubscribed, ["goal"] = Goal(definition.Exit.Goal) };
        json["again"] = definition.AgainAfterEnd ? AfterEnd : Never;
    }

    internal static JsonNode? Id(long id, Func<long, string> write) => id == 0 ? null : JsonValue.Create(write(id));

    internal static JsonNode? OrNull(string text) => text.Length == 0 ? null : JsonValue.Create(text);

    /// <returns>Null with faults.</returns>
    internal static SegmentRule? ReadRule(JsonElement given, string path, string? stepId, List<JourneyFault> faults)
    {
        var wrong = new List<RuleFault>();
        var rule = SegmentRuleJson.Read(given, path, wrong);
        faults.AddRange(wrong.Select(fault => new JourneyFault(stepId, fault.Path, fault.Error, fault.Unreadable)));
        return rule;
    }

    internal static JsonNode? Rule(SegmentRule rule) => JsonNode.Parse(SegmentRuleJson.Write(rule), documentOptions: s_options);

    private static JourneyTrigger ReadTrigger(JourneyFields fields)
    {
        JourneyTrigger trigger;
        switch (fields.TextOrNull("event"))
        {
            case "api":
                trigger = new JourneyTrigger.Api();
                break;
            case "segment_joined":
                trigger = new JourneyTrigger.SegmentJoined(fields.Id("segment_id", PublicId.TrySegment), fields.Flag("existing", otherwise: false));
                break;
            case "list_joined":
                trigger = new JourneyTrigger.ListJoined(fields.Id("list_id", PublicId.TryList));
                break;
            case { } name when EventTypes.TryParse(name, out var type):
                trigger = new JourneyTrigger.OfEvent(type, fields.Id("campaign_id", PublicId.TryCampaign), fields.Text("link_contains"));
                break;
            case var other:
                fields.Fault("event", other is null ? "required" : "unknown: must be api, segment_joined, list_joined or an event type");
                return new JourneyTrigger.Api();
        }

        fields.Done();
        return trigger;
    }

    private static JourneyExits ReadExits(JourneyFields fields, List<JourneyFault> faults)
    {
        var unsubscribed = fields.Flag("unsubscribed", otherwise: true);
        var goal = fields.Raw("goal") is { } given ? ReadGoal(given, fields.PathOf("goal"), faults) : null;
        fields.Done();
        return new JourneyExits(unsubscribed, goal);
    }

    // An event by itself counts from the person's beginning; with the words of a rule it is one.
    private static JourneyGoal? ReadGoal(JsonElement given, string path, List<JourneyFault> faults)
    {
        if (given.ValueKind == JsonValueKind.Object && given.TryGetProperty("event", out _)
            && given.EnumerateObject().All(member => member.Name is "event" or "campaign_id" or "link_contains"))
        {
            var fields = new JourneyFields(given, path, faults);
            return new JourneyGoal.OfEvent(fields.Event("event"), fields.Id("campaign_id", PublicId.TryCampaign), fields.Text("link_contains"));
        }

        return ReadRule(given, path, stepId: null, faults) is { } rule ? new JourneyGoal.OfRule(rule) : null;
    }

    private static JsonNode? Goal(JourneyGoal? goal) => goal switch
    {
        JourneyGoal.OfEvent reported => new JsonObject
        {
            ["event"] = reported.Type.Name(), ["campaign_id"] = Id(reported.CampaignId, PublicId.Campaign), ["link_contains"] = OrNull(reported.LinkContains),
        },
        JourneyGoal.OfRule rule => Rule(rule.Rule),
        _ => null,
    };
}
