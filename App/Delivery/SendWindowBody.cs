using System.Globalization;
using System.Text.Json;
using ScoreTracking.Api;

namespace ScoreTracking.Delivery;

/// <summary>A <see cref="SendWindow"/> as the API takes and writes it, and as it is stored.</summary>
public sealed record SendWindowBody
{
    private static readonly string[] s_days = [.. SendWindow.Week.Select(Name)];

    /// <summary>mon, tue, wed, thu, fri, sat, sun: on which it opens.</summary>
    public IReadOnlyList<string?>? Days { get; init; }

    /// <summary>When it opens, by the organization's clocks: "08:00".</summary>
    public string? From { get; init; }

    /// <summary>When it closes, up to "24:00"; earlier than from, on the next day.</summary>
    public string? To { get; init; }

    public static SendWindowBody Of(SendWindow window) => new()
    {
        Days = [.. SendWindow.Week.Where(window.Days.Contains).Select(Name)],
        From = SendWindow.Text(window.From),
        To = SendWindow.Text(window.To),
    };

    /// <summary>Reads what <see cref="Write"/> wrote; null for all hours.</summary>
    public static SendWindow? Read(string stored) =>
        stored.Length > 0 && JsonSerializer.Deserialize<SendWindowBody>(stored, ApiSetup.Json) is { } body ? body.ToWindow(new FieldErrors(), "") : null;

    /// <summary>A window as it is stored; "" for all hours.</summary>
    public static string Write(SendWindow? window) => window is null ? "" : JsonSerializer.Serialize(Of(window), ApiSetup.Json);

    /// <summary>The window it means; null where something is wrong with it, which is added to the errors.</summary>
    internal SendWindow? ToWindow(FieldErrors errors, string path)
    {
        var days = new HashSet<DayOfWeek>();
        foreach (var name in Days ?? [])
        {
            var day = Array.IndexOf(s_days, name);
            if (day < 0 || !days.Add(SendWindow.Week[day]))
            {
                errors.Add($"{path}.days", $"must be different ones of {string.Join(", ", s_days)}");
                return null;
            }
        }

        if (days.Count == 0)
        {
            errors.Add($"{path}.days", "required: at least one");
        }

        var from = Minute(From);
        var to = Minute(To);
        if (from is null or SendWindow.MinutesOfDay)
        {
            errors.Add($"{path}.from", "must be a time of day such as 08:00");
        }

        if (to is null or 0)
        {
            errors.Add($"{path}.to", "must be a time of day such as 18:00, 24:00 at most");
        }
        else if (from == to)
        {
            errors.Add($"{path}.to", "must differ from when it opens");
        }

        return days.Count > 0 && from is < SendWindow.MinutesOfDay and { } opens && to is > 0 and { } closes && opens != closes
            ? new SendWindow(days, opens, closes)
            : null;
    }

    private static int? Minute(string? text) =>
        text == "24:00" ? SendWindow.MinutesOfDay
        : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? (time.Hour * 60) + time.Minute
        : null;

    private static string Name(DayOfWeek day) => day.ToString()[..3].ToLowerInvariant();
}
