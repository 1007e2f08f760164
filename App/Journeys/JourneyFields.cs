using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>Reads the members of one JSON object and notes what is wrong with them; what is not asked for is unknown. Null and missing are the same.</summary>
internal sealed class JourneyFields
{
    internal delegate bool IdParser(string? text, out long id);

    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly List<JourneyFault> _faults;

    public JourneyFields(JsonElement element, string path, List<JourneyFault> faults)
    {
        (Path, _faults) = (path, faults);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Unreadable(null, "must be an object");
            return;
        }

        foreach (var member in element.EnumerateObject())
        {
            _members[member.Name] = member.Value;
        }
    }

    /// <summary>"" for the whole.</summary>
    public string Path { get; }

    /// <summary>Named in faults once it is known.</summary>
    public string? StepId { get; set; }

    public bool Has(string name) => _members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Null where it is missing.</summary>
    public JsonElement? Raw(string name) => _members.Remove(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>"" where it is missing.</summary>
    public string Text(string name) => TextOrNull(name) ?? "";

    public string? TextOrNull(string name)
    {
        if (Raw(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        Unreadable(name, "must be text");
        return null;
    }

    public bool Flag(string name, bool otherwise)
    {
        switch (Raw(name)?.ValueKind)
        {
            case null:
                return otherwise;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Unreadable(name, "must be true or false");
                return otherwise;
        }
    }

    public double Number(string name)
    {
        if (Raw(name) is not { } value)
        {
            return 0;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
        {
            return number;
        }

        Unreadable(name, "must be a number");
        return 0;
    }

    /// <summary>0 where it is missing or is no id.</summary>
    public long Id(string name, IdParser parse)
    {
        var text = TextOrNull(name);
        if (text is null)
        {
            return 0;
        }

        if (parse(text, out var id))
        {
            return id;
        }

        Fault(name, "not an id of this kind");
        return 0;
    }

    public TimeSpan Duration(string name, bool required, bool mayBeNegative = false)
    {
        var text = TextOrNull(name);
        if (text is null)
        {
            if (required)
            {
                Fault(name, "required: a duration such as PT4H or P3D");
            }

            return TimeSpan.Zero;
        }

        if (IsoDuration.TryParse(text, mayBeNegative, out var duration))
        {
            return duration;
        }

        Fault(name, "must be an ISO 8601 duration such as PT4H or P3D");
        return TimeSpan.Zero;
    }

    /// <summary>Opened where it is missing or unknown, with a fault.</summary>
    public EventType Event(string name)
    {
        var text = TextOrNull(name);
        if (EventTypes.TryParse(text, out var type))
        {
            return type;
        }

        Fault(name, text is null ? "required" : "unknown: must be an event type such as opened or clicked");
        return EventType.Opened;
    }

    /// <summary>The objects of an array, each with its path.</summary>
    public IEnumerable<JourneyFields> Objects(string name)
    {
        if (Raw(name) is not { } value)
        {
            yield break;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Unreadable(name, "must be an array");
            yield break;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            yield return new JourneyFields(item, $"{PathOf(name)}[{index++}]", _faults) { StepId = StepId };
        }
    }

    public string PathOf(string? name) => name is null ? Path.Length == 0 ? "$" : Path : Path.Length == 0 ? name : $"{Path}.{name}";

    public void Fault(string? name, string error) => _faults.Add(new JourneyFault(StepId, PathOf(name), error));

    public void Unreadable(string? name, string error) => _faults.Add(new JourneyFault(StepId, PathOf(name), error, IsUnreadable: true));

    /// <summary>Everything there is to read was asked for.</summary>
    public void Done()
    {
        foreach (var name in _members.Keys)
        {
            Unreadable(name, "unknown member");
        }
    }
}
