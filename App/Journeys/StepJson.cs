using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>A step as JSON; "type" may stand anywhere in the object.</summary>
internal static class StepJson
{
    private const string Score = "engagement_score";
    private const string TimeFormat = "HH:mm";

    /// <returns>Null where it could not be read, with faults.</returns>
    public static JourneyStep? Read(JourneyFields fields, List<JourneyFault> faults)
    {
        var id = fields.Text("id");
        fields.StepId = id.Length == 0 ? null : id;
        var type = fields.TextOrNull("type");
        var step = type switch
        {
            SendStep.TypeName => new SendStep(id, fields.Id("campaign_id", PublicId.TryCampaign), Next(fields)),
            DelayStep.TypeName => new DelayStep(id, fields.Duration("for", required: true), Next(fields)),
            WaitUntilStep.TypeName => new WaitUntilStep(id, fields.Text("field"), fields.Duration("offset", required: false, mayBeNegative: true), ReadTime(fields), Next(fields)),
            WaitForStep.TypeName => new WaitForStep(
                id, fields.Event("event"), fields.Text("message_of"), fields.Text("link_contains"), fields.Duration("timeout", required: true),
                Next(fields, "on_event"), Next(fields, "on_timeout")),
            ConditionStep.TypeName => new ConditionStep(id, ReadTest(fields, faults), Next(fields, "yes"), Next(fields, "no")),
            BranchStep.TypeName => ReadBranch(id, fields),
            SplitStep.TypeName => new SplitStep(id, [.. fields.Objects("branches").Select(ReadShare)]),
            UpdateFieldStep.TypeName => new UpdateFieldStep(id, fields.Text("field"), ReadValue(fields), Next(fields)),
            AddToListStep.TypeName => new AddToListStep(id, fields.Id("list_id", PublicId.TryList), Next(fields)),
            RemoveFromListStep.TypeName => new RemoveFromListStep(id, fields.Id("list_id", PublicId.TryList), Next(fields)),
            WebhookStep.TypeName => new WebhookStep(id, fields.Text("url"), Next(fields)),
            ExitStep.TypeName => new ExitStep(id),
            _ => (JourneyStep?)null,
        };
        if (step is null)
        {
            fields.Fault("type", type is null ? "required" : "unknown");
            return null;
        }

        fields.Done();
        return step;
    }

    public static JsonObject Write(JourneyStep step)
    {
        var json = new JsonObject { ["id"] = step.Id, ["type"] = step.Type };
        switch (step)
        {
            case SendStep send:
                json["campaign_id"] = JourneyJson.Id(send.CampaignId, PublicId.Campaign);
                break;
            case DelayStep delay:
                json["for"] = IsoDuration.Write(delay.For);
                break;
            case WaitUntilStep until:
                json["field"] = until.Field;
                json["offset"] = IsoDuration.Write(until.Offset);
                json["at"] = until.At?.ToString(TimeFormat, CultureInfo.InvariantCulture);
                break;
            case WaitForStep wait:
                json["event"] = wait.Event.Name();
                json["message_of"] = wait.MessageOf;
                json["link_contains"] = JourneyJson.OrNull(wait.LinkContains);
                json["timeout"] = IsoDuration.Write(wait.Timeout);
                json["on_event"] = wait.OnEvent;
                json["on_timeout"] = wait.OnTimeout;
                return json;
            case ConditionStep condition:
                json["test"] = Test(condition.Test);
                json["yes"] = condition.Yes;
                json["no"] = condition.No;
                return json;
            case BranchStep branch:
                json["on"] = Score;
                json["branches"] = new JsonArray([.. branch.Branches.Select(one => new JsonObject { ["key"] = one.Key, ["below"] = one.Below, ["next"] = one.Next })]);
                json["otherwise"] = branch.Otherwise;
                return json;
            case SplitStep split:
                json["branches"] = new JsonArray([.. split.Branches.Select(one => new JsonObject { ["key"] = one.Key, ["weight"] = one.Weight, ["next"] = one.Next })]);
                return json;
            case UpdateFieldStep update:
                json["field"] = update.Field;
                json["value"] = update.Value?.DeepClone();
                break;
            case AddToListStep add:
                json["list_id"] = JourneyJson.Id(add.ListId, PublicId.List);
                break;
            case RemoveFromListStep remove:
                json["list_id"] = JourneyJson.Id(remove.ListId, PublicId.List);
                break;
            case WebhookStep webhook:
                json["url"] = webhook.Url;
                break;
            case ExitStep:
                return json;
        }

        json["next"] = ((PlainStep)step).Then;
        return json;
    }

    private static string? Next(JourneyFields fields, string name = "next") => fields.TextOrNull(name) is { Length: > 0 } next ? next : null;

    private static TimeOnly? ReadTime(JourneyFields fields)
    {
        if (fields.TextOrNull("at") is not { } text)
        {
            return null;
        }

        if (TimeOnly.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        fields.Fault("at", "must be a time of day such as 09:00");
        return null;
    }

    private static JourneyTest? ReadTest(JourneyFields fields, List<JourneyFault> faults)
    {
        if (fields.Raw("test") is not { } given)
        {
            return null;
        }

        var test = new JourneyFields(given, fields.PathOf("test"), faults) { StepId = fields.StepId };
        JourneyTest read;
        if (test.Has("message_of"))
        {
            read = new JourneyTest.OfMessage(test.Event("event"), test.Text("message_of"));
        }
        else if (test.Has("segment_id"))
        {
            read = new JourneyTest.InSegment(test.Id("segment_id", PublicId.TrySegment));
        }
        else
        {
            return given.ValueKind == JsonValueKind.Object && JourneyJson.ReadRule(given, test.Path, fields.StepId, faults) is { } rule ? new JourneyTest.OfRule(rule) : null;
        }

        test.Done();
        return read;
    }

    private static JsonNode? Test(JourneyTest? test) => test switch
    {
        JourneyTest.OfMessage message => new JsonObject { ["event"] = message.Type.Name(), ["message_of"] = message.MessageOf },
        JourneyTest.InSegment segment => new JsonObject { ["segment_id"] = JourneyJson.Id(segment.SegmentId, PublicId.Segment) },
        JourneyTest.OfRule rule => JourneyJson.Rule(rule.Rule),
        _ => null,
    };

    private static BranchStep ReadBranch(string id, JourneyFields fields)
    {
        if (fields.TextOrNull("on") is { } on && on != Score)
        {
            fields.Fault("on", $"must be {Score}");
        }

        return new BranchStep(id, [.. fields.Objects("branches").Select(ReadBound)], Next(fields, BranchStep.OtherwiseExit));
    }

    private static ScoreBranch ReadBound(JourneyFields fields)
    {
        var branch = new ScoreBranch(fields.Text("key"), fields.Number("below"), Next(fields));
        fields.Done();
        return branch;
    }

    private static SplitBranch ReadShare(JourneyFields fields)
    {
        var branch = new SplitBranch(fields.Text("key"), fields.Number("weight"), Next(fields));
        fields.Done();
        return branch;
    }

    private static JsonValue? ReadValue(JourneyFields fields)
    {
        switch (fields.Raw("value"))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar:
                return JsonValue.Create(scalar.Clone());
            default:
                fields.Unreadable("value", "must be a text, a number, true, false or null");
                return null;
        }
    }
}
