using System.Globalization;
using ScoreTracking.Components;
using ScoreTracking.Events;

namespace ScoreTracking.Contacts;

/// <summary>What the pages about people call things.</summary>
internal static class ContactWords
{
    public static string Score(double score) => score.ToString("0.0", CultureInfo.InvariantCulture);

    public static string Consent(string consent) => consent switch
    {
        "granted" => "Agreed",
        "denied" => "Refused",
        _ => "Never asked",
    };

    /// <summary>A name of the API, as words.</summary>
    public static string Title(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..].Replace('_', ' ');

    /// <summary>How a consent came about.</summary>
    public static string Method(string method) => method switch
    {
        "" => "",
        "api" => "by API",
        "import" => "by import",
        "manual" => "entered here",
        "unsubscribe_page" => "on the unsubscribe page",
        _ => method,
    };

    /// <summary>What somebody did, with its number where it was not the first time: "3rd open".</summary>
    public static string Did(ScoreReason reason)
    {
        var what = reason.Type switch
        {
            EventType.Opened => "open",
            EventType.Clicked => "click",
            _ => "reply",
        };
        return reason.Nth == 1 ? char.ToUpperInvariant(what[0]) + what[1..] : $"{Ordinal(reason.Nth)} {what}";
    }

    /// <summary>A weight as the settings write it.</summary>
    public static string Weight(double weight) => weight.ToString("0.###", CultureInfo.InvariantCulture);

    public static string Share(double share) => share is > 0 and < 0.0005 ? "<0.1%" : Numerals.Percent(share * 100);

    private static string Ordinal(int number) => (number % 100, number % 10) switch
    {
        ( >= 11 and <= 13, _) => $"{number}th",
        (_, 1) => $"{number}st",
        (_, 2) => $"{number}nd",
        (_, 3) => $"{number}rd",
        _ => $"{number}th",
    };
}
