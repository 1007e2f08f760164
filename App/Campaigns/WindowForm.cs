using ScoreTracking.Delivery;

namespace ScoreTracking.Campaigns;

/// <summary>The hours in which mail may leave, while somebody chooses them.</summary>
public sealed class WindowForm
{
    /// <summary>Whether there are such hours at all.</summary>
    public bool IsOn { get; set; }
    public HashSet<DayOfWeek> Days { get; } = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday];
    public string From { get; set; } = "08:00";
    public string To { get; set; } = "18:00";

    public static WindowForm Of(SendWindow? window)
    {
        var form = new WindowForm();
        if (window is not null)
        {
            (form.IsOn, form.From, form.To) = (true, SendWindow.Text(window.From), SendWindow.Text(window.To % SendWindow.MinutesOfDay));
            form.Days.Clear();
            form.Days.UnionWith(window.Days);
        }

        return form;
    }

    /// <summary>Null for all hours. A field of the browser ends the day with 00:00.</summary>
    public SendWindowBody? ToBody() => IsOn
        ? new SendWindowBody { Days = [.. SendWindow.Week.Where(Days.Contains).Select(day => day.ToString()[..3].ToLowerInvariant())], From = From, To = To == "00:00" ? "24:00" : To }
        : null;
}
