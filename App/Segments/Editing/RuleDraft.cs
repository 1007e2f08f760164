using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace ScoreTracking.Segments.Editing;

/// <summary>
/// A rule while it is edited: what is not chosen yet is empty, and numbers are still as they were typed. What is written is
/// JSON as the API has it; whether it makes sense is for <see cref="SegmentRuleJson"/> to say.
/// </summary>
public abstract class RuleDraft
{
    private static int s_last;

    /// <summary>Tells drafts apart that say the same, and makes ids of their inputs.</summary>
    public int Key { get; } = Interlocked.Increment(ref s_last);

    /// <summary>Its place in what was last written, as faults name it.</summary>
    public string Path { get; protected set; } = "";

    /// <summary>Its first input is to be focused once it is drawn.</summary>
    public bool IsNew { get; set; }

    public abstract JsonObject Write(string path);

    /// <summary>Reads a rule as the outermost group.</summary>
    /// <param name="json">Empty for nothing yet.</param>
    public static GroupDraft Read(string json)
    {
        if (json.Length == 0)
        {
            return new GroupDraft();
        }

        using var document = JsonDocument.Parse(json, SegmentRuleJson.Document);
        return Read(document.RootElement) switch
        {
            GroupDraft group => group,
            var single => new GroupDraft { Rules = { single } },
        };
    }

    protected static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? Text(member) : "";

    protected static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null or JsonValueKind.Undefined => "",
        _ => value.GetRawText(),
    };

    protected static bool Truth(JsonElement json, string name) => !json.TryGetProperty(name, out var member) || member.ValueKind != JsonValueKind.False;

    private static RuleDraft Read(JsonElement json) =>
        json.TryGetProperty("event", out _) ? new EventDraft(json)
        : json.TryGetProperty("field", out _) ? new FieldDraft(json)
        : json.TryGetProperty("list", out _) ? new ListDraft { List = Text(json, "list"), In = Truth(json, "in") }
        : Group(json);

    private static GroupDraft Group(JsonElement json)
    {
        var op = Text(json, "op");
        if (op != "not")
        {
            return new GroupDraft { Kind = op == "or" ? GroupKind.Any : GroupKind.All, Rules = Members(json) };
        }

        // None of some is how "not any of them" reads.
        var inner = json.TryGetProperty("rule", out var one) ? Read(one) : Members(json)[0];
        return new GroupDraft { Kind = GroupKind.None, Rules = inner is GroupDraft { Kind: GroupKind.Any, Rules.Count: > 1 } any ? any.Rules : [inner] };
    }

    private static List<RuleDraft> Members(JsonElement json) => json.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array ? [.. rules.EnumerateArray().Select(Read)] : [];
}

/// <summary>How many rules of a group must hold.</summary>
public enum GroupKind
{
    All,
    Any,
    None,
}

public sealed class GroupDraft : RuleDraft
{
    public GroupKind Kind { get; set; }

    public List<RuleDraft> Rules { get; init; } = [];

    /// <summary>Conditions in it, those of groups within included.</summary>
    public int Conditions => Rules.Sum(rule => rule is GroupDraft group ? group.Conditions : 1);

    public override JsonObject Write(string path)
    {
        Path = path;
        if (Kind != GroupKind.None)
        {
            return Group(Kind == GroupKind.All ? "and" : "or", path);
        }

        return new JsonObject { ["op"] = "not", ["rule"] = Rules.Count == 1 ? Rules[0].Write($"{path}.rule") : Group("or", $"{path}.rule") };
    }

    private JsonObject Group(string op, string path) => new()
    {
        ["op"] = op,
        ["rules"] = new JsonArray([.. Rules.Select((rule, i) => (JsonNode)rule.Write(string.Create(CultureInfo.InvariantCulture, $"{path}.rules[{i}]")))]),
    };
}

/// <summary>Something that happened to the person's mail.</summary>
public sealed class EventDraft : RuleDraft
{
    public const string Minutes = "minutes";
    public const string Hours = "hours";
    public const string Days = "days";
    public const string Years = "years";
    public const string Ever = "";

    private const int YearDays = 365;

    public EventDraft()
    {
    }

    public EventDraft(JsonElement json)
    {
        Event = Text(json, "event");
        Done = Truth(json, "done");
        Campaign = Text(json, "campaign_id");
        Link = Text(json, "link_contains");
        AtLeast = Text(json, "at_least") is { Length: > 0 } times ? times : "1";
        (Amount, Unit) = Span(json);
    }

    public string Event { get; set; } = "opened";

    public bool Done { get; set; } = true;

    /// <summary>cmp_…; empty for any mail.</summary>
    public string Campaign { get; set; } = "";

    public string Link { get; set; } = "";

    public string AtLeast { get; set; } = "1";

    public string Amount { get; set; } = "30";

    /// <summary>Of <see cref="Amount"/>; empty for ever.</summary>
    public string Unit { get; set; } = Days;

    public bool HasLink => Event == "clicked";

    public override JsonObject Write(string path)
    {
        Path = path;
        var json = new JsonObject { ["event"] = Event, ["done"] = Done };
        if (Unit != Ever)
        {
            // Nonsense stays nonsense: 0 is refused with the reason.
            var amount = int.TryParse(Amount, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? read : 0;
            if (Unit is Days or Years || amount == 0)
            {
                json["within_days"] = Unit == Years ? Math.Min((long)amount * YearDays, int.MaxValue) : amount;
            }
            else
            {
                json["within"] = string.Create(CultureInfo.InvariantCulture, $"PT{amount}{(Unit == Hours ? 'H' : 'M')}");
            }
        }

        if (Campaign.Length > 0)
        {
            json["campaign_id"] = Campaign;
        }

        if (HasLink && Link.Trim().Length > 0)
        {
            json["link_contains"] = Link.Trim();
        }

        if (AtLeast != "1")
        {
            json["at_least"] = int.TryParse(AtLeast, NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? times : 0;
        }

        return json;
    }

    private static (string Amount, string Unit) Span(JsonElement json)
    {
        var span = TimeSpan.Zero;
        if (json.TryGetProperty("within_days", out var days) && days.ValueKind == JsonValueKind.Number && days.TryGetInt32(out var count))
        {
            span = TimeSpan.FromDays(count);
        }
        else if (Text(json, "within") is { Length: > 0 } duration)
        {
            try
            {
                span = XmlConvert.ToTimeSpan(duration);
            }
            catch (Exception exception) when (exception is FormatException or OverflowException)
            {
                return (duration, Days);
            }
        }
        else
        {
            return ("30", Ever);
        }

        var (amount, unit) = span switch
        {
            _ when span.Ticks % TimeSpan.TicksPerDay == 0 && span.Days % YearDays == 0 && span.Days > 0 => (span.Days / YearDays, Years),
            _ when span.Ticks % TimeSpan.TicksPerDay == 0 => (span.Days, Days),
            _ when span.Ticks % TimeSpan.TicksPerHour == 0 => ((int)span.TotalHours, Hours),
            _ => ((int)Math.Ceiling(span.TotalMinutes), Minutes),
        };
        return (amount.ToString(CultureInfo.InvariantCulture), unit);
    }
}

/// <summary>The person is on a list, or is not.</summary>
public sealed class ListDraft : RuleDraft
{
    /// <summary>lst_…; empty until one is chosen.</summary>
    public string List { get; set; } = "";

    public bool In { get; set; } = true;

    public override JsonObject Write(string path)
    {
        Path = path;
        return new JsonObject { ["list"] = List, ["in"] = In };
    }
}
