using System.Text.RegularExpressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.House;

/// <summary>Who may import whom: house.md's table. Changing it is changing this dictionary, in review.</summary>
public sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> s_mayImport = new()
    {
        ["Events"] = [],
        ["Components"] = [],
        ["Charts"] = [],
        ["Data"] = ["Events"],
        ["Geo"] = ["Data", "Events"],
        ["Tokens"] = ["Data"],
        ["Api"] = ["Components", "Data"],
        ["Settings"] = ["Api", "Auth", "Components", "Data", "Engagement", "Events", "Geo", "Live", "Suppressions"],
        ["Mail"] = ["Events"],
        ["Live"] = ["Components", "Data", "Events"],
        ["Auth"] = ["Api", "Components", "Data", "Events"],
        ["Counters"] = ["Data", "Engagement", "Events"],
        ["Engagement"] = ["Data", "Events", "Live"],
        ["Experiments"] = ["Components", "Counters", "Data", "Events"],
        ["Suppressions"] = ["Api", "Auth", "Components", "Counters", "Data", "Events", "Live"],
        ["Ingest"] = ["Counters", "Data", "Engagement", "Events", "Geo", "Live", "Settings", "Suppressions"],
        ["Tracking"] = ["Api", "Data", "Events", "Geo", "Ingest", "Live", "Mail", "Settings", "Suppressions", "Tokens"],
        ["Connections"] = ["Api", "Data", "Live", "Mail"],
        ["Webhooks"] = ["Api", "Auth", "Components", "Connections", "Data", "Delivery", "Events", "Ingest", "Live", "Mail", "Suppressions", "Tokens"],
        ["Domains"] = ["Api", "Auth", "Components", "Data", "Live", "Mail"],
        ["Delivery"] = ["Api", "Auth", "Components", "Connections", "Data", "Domains", "Events", "Ingest", "Live", "Mail", "Settings", "Suppressions", "Tracking"],
        ["Privacy"] = ["Api", "Auth", "Components", "Data", "Delivery", "Events", "Ingest", "Live", "Suppressions", "Tracking"],
        ["EventLog"] = ["Api", "Components", "Data", "Events", "Ingest", "Live"],
        ["Segments"] = ["Api", "Auth", "Components", "Data", "Engagement", "Events", "Live", "Suppressions"],
        ["Contacts"] = ["Api", "Auth", "Charts", "Components", "Data", "Engagement", "EventLog", "Events", "Live", "Privacy", "Segments", "Suppressions"],
        ["Campaigns"] = ["Api", "Auth", "Components", "Connections", "Contacts", "Counters", "Data", "Delivery", "Domains", "Events", "Experiments", "Ingest", "Live", "Mail", "Segments", "Settings", "Suppressions", "Tokens", "Tracking"],
        ["Messages"] = ["Api", "Auth", "Components", "Connections", "Contacts", "Data", "Delivery", "EventLog", "Events", "Live", "Mail", "Settings", "Suppressions", "Tracking"],
        ["Reports"] = ["Api", "Auth", "Charts", "Components", "Counters", "Data", "EventLog", "Events", "Experiments", "Ingest", "Live", "Settings", "Tracking"],
        ["Hooks"] = ["Api", "Auth", "Components", "Data", "EventLog", "Events", "Live"],
        ["Journeys"] = ["Api", "Auth", "Campaigns", "Components", "Contacts", "Counters", "Data", "Delivery", "Engagement", "Events", "Hooks", "Live", "Segments", "Settings", "Suppressions", "Tracking"],
        ["Notifications"] = ["Api", "Auth", "Components", "Data", "Events", "Live"],
        ["Operations"] = ["Auth", "Components", "Counters", "Data", "Delivery", "Events", "Geo", "Ingest", "Journeys", "Live", "Settings", "Suppressions"],
        ["Demo"] = ["Api", "Auth", "Campaigns", "Contacts", "Data", "Events", "Geo", "Ingest", "Journeys", "Messages", "Segments", "Suppressions"],
        ["Shell"] = ["Api", "Auth", "Components", "Delivery", "Live", "Notifications", "Settings"],
    };

    [Fact]
    public void Imports_point_downwards_only()
    {
        var wrong = new List<string>();
        foreach (var (room, file, text) in Files())
        {
            foreach (Match import in Import().Matches(text))
            {
                var imported = import.Groups["room"].Value;
                if (imported != room && !(s_mayImport.TryGetValue(room, out var allowed) && allowed.Contains(imported)))
                {
                    wrong.Add($"{file} imports {imported}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Of_what_only_shows_just_a_corrected_verdict_goes_through_the_write_path() =>
        Assert.All(
            Files().Where(file => file.Room is "Reports" or "EventLog" && Import().Matches(file.Text).Any(import => import.Groups["room"].Value == "Ingest")),
            file => Assert.Matches("^(Reports|EventLog)/Reclassification", file.Path));

    [Fact]
    public void The_table_has_no_circle()
    {
        var done = new HashSet<string>();

        Assert.All(s_mayImport.Keys, room => Assert.True(Walk(room, []), $"{room} is part of a circle"));

        bool Walk(string room, HashSet<string> above)
        {
            if (done.Contains(room))
            {
                return true;
            }

            var ok = above.Add(room) && s_mayImport[room].All(below => Walk(below, above));
            above.Remove(room);
            done.Add(room);
            return ok;
        }
    }

    [Fact]
    public void Every_room_is_in_the_table() =>
        Assert.Empty(Files().Select(file => file.Room).Distinct().Except(s_mayImport.Keys));

    [Fact]
    public void Time_comes_from_the_clock_the_host_was_given() =>
        Assert.Empty(Files().Where(file => WallClock().IsMatch(file.Text)).Select(file => file.Path));

    private static IEnumerable<(string Room, string Path, string Text)> Files()
    {
        var app = Path.GetFullPath(Golden.PathOf("../App"));
        foreach (var room in Directory.GetDirectories(app).Where(path => Path.GetFileName(path) is not ("bin" or "obj" or "wwwroot" or "Build" or "Properties")))
        {
            foreach (var path in Directory.EnumerateFiles(room, "*.*", SearchOption.AllDirectories).Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)))
            {
                yield return (Path.GetFileName(room), Path.GetRelativePath(app, path), File.ReadAllText(path));
            }
        }
    }

    [GeneratedRegex(@"^\s*@?using (?:static )?ScoreTracking\.(?<room>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"DateTime(?:Offset)?\.(?:Utc)?Now")]
    private static partial Regex WallClock();
}
