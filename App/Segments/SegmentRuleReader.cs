using System.Text.Json;
using System.Xml;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Segments;

/// <summary>Reads one rule, noting whatever is wrong with it. Going on after a fault, so that an author learns of all at once.</summary>
internal sealed class SegmentRuleReader(List<RuleFault> faults)
{
    private static readonly string[] s_eventMembers = ["event", "done", "within_days", "within", "campaign_id", "link_contains", "at_least"];
    private static readonly string[] s_fieldMembers = ["field", "op", "value"];
    private static readonly string[] s_listMembers = ["list", "in"];
    private static readonly string[] s_groupMembers = ["op", "rules", "rule"];

    private int _conditions;

    public SegmentRule? Read(JsonElement json, string path) => Read(json, path, 1);

    private SegmentRule? Read(JsonElement json, string path, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Unreadable(path, "must be an object: a group with op and rules, or a condition with event, field or list");
        }

        if (json.TryGetProperty("event", out var named))
        {
            return Condition(path) ? Event(json, path, named) : null;
        }

        if (json.TryGetProperty("field", out named))
        {
            return Condition(path) ? new SegmentFieldReader(faults).Read(json, path, named, Members(json, path, s_fieldMembers)) : null;
        }

        if (json.TryGetProperty("list", out named))
        {
            return Condition(path) ? List(json, path, named) : null;
        }

        if (!json.TryGetProperty("op", out named))
        {
            return Wrong(path, "must have op (a group), event, field or list");
        }

        if (depth > SegmentRule.MaxDepth)
        {
            return Wrong(path, $"groups may stand at most {SegmentRule.MaxDepth} deep in each other");
        }

        return Group(json, path, named, depth);
    }

    private SegmentRule? Group(JsonElement json, string path, JsonElement op, int depth)
    {
        Members(json, path, s_groupMembers);
        var name = op.ValueKind == JsonValueKind.String ? op.GetString() : null;
        if (name is not ("and" or "or" or "not"))
        {
            return Wrong($"{path}.op", "must be and, or or not");
        }

        if (name == "not" && json.TryGetProperty("rule", out var one))
        {
            if (json.TryGetProperty("rules", out _))
            {
                return Wrong(path, "has rule and rules: give one of them");
            }

            return Read(one, $"{path}.rule", depth + 1) is { } rule ? new NoneOf(rule) : null;
        }

        if (name != "not" && json.TryGetProperty("rule", out _))
        {
            return Wrong($"{path}.rule", "only a not has one; and and or have rules");
        }

        if (!json.TryGetProperty("rules", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            return Wrong($"{path}.rules", "must hold at least one rule");
        }

        if (name == "not" && list.GetArrayLength() != 1)
        {
            return Wrong($"{path}.rules", "a not has exactly one rule; put an and or an or into it");
        }

        var rules = new List<SegmentRule>();
        var i = 0;
        foreach (var element in list.EnumerateArray())
        {
            // What is too much anyway need not be read to its end.
            if (_conditions > SegmentRule.MaxConditions)
            {
                break;
            }

            if (Read(element, $"{path}.rules[{i++}]", depth + 1) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules.Count == 0 ? null : name switch
        {
            "and" => new AllOf(rules),
            "or" => new AnyOf(rules),
            _ => new NoneOf(rules[0]),
        };
    }

    private EventRule? Event(JsonElement json, string path, JsonElement named)
    {
        Members(json, path, s_eventMembers);
        if (named.ValueKind != JsonValueKind.String || !EventTypes.TryParse(named.GetString(), out var type) || !EventRule.Events.Contains(type))
        {
            Wrong($"{path}.event", $"must be one of {string.Join(", ", EventRule.Events.Select(known => known.Name()))}");
            return null;
        }

        var before = faults.Count;
        var within = Within(json, path);
        var link = Text(json, path, "link_contains", EventRule.MaxLinkText);
        if (link is not null && type != EventType.Clicked)
        {
            Wrong($"{path}.link_contains", "only clicks have a link");
        }

        var campaign = 0L;
        if (Member(json, "campaign_id") is { } given && (given.ValueKind != JsonValueKind.String || !PublicId.TryCampaign(given.GetString(), out campaign)))
        {
            Wrong($"{path}.campaign_id", "must be the id of a campaign (cmp_…), or null for any mail");
        }

        var atLeast = 1;
        if (Member(json, "at_least") is { } times && (times.ValueKind != JsonValueKind.Number || !times.TryGetInt32(out atLeast) || atLeast is < 1 or > EventRule.MaxAtLeast))
        {
            Wrong($"{path}.at_least", $"must be a whole number from 1 to {EventRule.MaxAtLeast}");
        }

        var done = Truth(json, path, "done");
        return faults.Count == before ? new EventRule(type, done, within, campaign == 0 ? null : campaign, link, atLeast) : null;
    }

    private TimeSpan? Within(JsonElement json, string path)
    {
        var days = Member(json, "within_days");
        var duration = Member(json, "within");
        if (days is not null && duration is not null)
        {
            Wrong(path, "has within and within_days: give one of them");
            return null;
        }

        if (days is { } number)
        {
            if (number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var count) && count >= 1 && count <= EventRule.MaxWithin.TotalDays)
            {
                return TimeSpan.FromDays(count);
            }

            Wrong($"{path}.within_days", $"must be a whole number from 1 to {EventRule.MaxWithin.TotalDays}");
        }

        if (duration is { } text)
        {
            if (text.ValueKind == JsonValueKind.String && TryDuration(text.GetString()!, out var span) && span > TimeSpan.Zero && span <= EventRule.MaxWithin)
            {
                return span;
            }

            Wrong($"{path}.within", "must be an ISO 8601 duration such as PT30M, P30D or P1Y, up to a century");
        }

        return null;
    }

    // A year counts 365 days and a month 30, as everywhere durations are written so.
    private static bool TryDuration(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length > 40)
        {
            return false;
        }

        try
        {
            span = XmlConvert.ToTimeSpan(text);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return false;
        }
    }

    private ListRule? List(JsonElement json, string path, JsonElement named)
    {
        Members(json, path, s_listMembers);
        if (named.ValueKind != JsonValueKind.String || !PublicId.TryList(named.GetString(), out var list))
        {
            Wrong($"{path}.list", "must be the id of a list (lst_…)");
            return null;
        }

        return new ListRule(list, Truth(json, path, "in"));
    }

    private bool Condition(string path)
    {
        if (++_conditions == SegmentRule.MaxConditions + 1)
        {
            Wrong(path, $"there may be at most {SegmentRule.MaxConditions} conditions");
        }

        return _conditions <= SegmentRule.MaxConditions;
    }

    private bool Truth(JsonElement json, string path, string member)
    {
        if (Member(json, member) is not { } given)
        {
            return true;
        }

        if (given.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Unreadable($"{path}.{member}", "must be true or false");
        }

        return given.ValueKind != JsonValueKind.False;
    }

    private string? Text(JsonElement json, string path, string member, int longest)
    {
        if (Member(json, member) is not { } given)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.String)
        {
            Unreadable($"{path}.{member}", "must be text");
            return null;
        }

        if (SegmentFieldReader.TextError(given, longest) is { } error)
        {
            Wrong($"{path}.{member}", error);
            return null;
        }

        return given.GetString();
    }

    private bool Members(JsonElement json, string path, string[] known)
    {
        var all = true;
        foreach (var member in json.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            all = false;
            Unreadable($"{path}.{member.Name}", "unknown member");
        }

        return all;
    }

    // null says as much as nothing.
    private static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private SegmentRule? Wrong(string path, string error)
    {
        faults.Add(new RuleFault(path, error));
        return null;
    }

    private SegmentRule? Unreadable(string path, string error)
    {
        faults.Add(new RuleFault(path, error, Unreadable: true));
        return null;
    }
}
