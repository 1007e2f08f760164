using ScoreTracking.Components;
using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>Spelling of each kind in the API, and its words on screen.</summary>
public static class NotificationWords
{
    /// <summary>In the order they are offered.</summary>
    public static readonly IReadOnlyList<NotificationKinds> All =
        [NotificationKinds.FirstOpen, NotificationKinds.FirstClick, NotificationKinds.Reply, NotificationKinds.Bounce, NotificationKinds.Complaint];

    /// <summary>What campaigns can tell of: where thousands open, nobody wants to hear of each.</summary>
    public static readonly IReadOnlyList<NotificationKinds> OfCampaigns = [NotificationKinds.Reply, NotificationKinds.Complaint];

    /// <summary>Before the campaign's subject; the same for the one below.</summary>
    public const string CampaignPaused = "Complaints or bounces paused";
    public const string TestUndecided = "The test found no winner and waits for your choice:";

    // A campaign that stops or waits concerns everybody who sends: it is no matter of choice, and not offered.
    private static readonly NotificationKinds[] s_told = [.. All, NotificationKinds.CampaignPaused, NotificationKinds.TestUndecided];

    /// <summary>Every kind there is to be told of, chosen or not.</summary>
    public static IReadOnlyList<NotificationKinds> Told => s_told;

    public static string Name(this NotificationKinds kind) => kind switch
    {
        NotificationKinds.CampaignPaused => "campaign_paused",
        NotificationKinds.TestUndecided => "test_undecided",
        NotificationKinds.FirstOpen => "first_open",
        NotificationKinds.FirstClick => "first_click",
        NotificationKinds.Bounce => "bounce",
        NotificationKinds.Complaint => "complaint",
        NotificationKinds.Reply => "reply",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "One kind at a time."),
    };

    public static bool TryParse(string? name, out NotificationKinds kind)
    {
        kind = s_told.FirstOrDefault(known => known.Name() == name);
        return kind != NotificationKinds.None;
    }

    /// <summary>The names of several, in the order they are offered.</summary>
    public static IReadOnlyList<string> Names(this NotificationKinds kinds) => [.. All.Where(kind => kinds.HasFlag(kind)).Select(Name)];

    /// <summary>Null where one is unknown or not among the allowed.</summary>
    public static NotificationKinds? Read(IEnumerable<string?> names, IReadOnlyList<NotificationKinds> allowed)
    {
        var kinds = NotificationKinds.None;
        foreach (var name in names)
        {
            if (!TryParse(name, out var kind) || !allowed.Contains(kind))
            {
                return null;
            }

            kinds |= kind;
        }

        return kinds;
    }

    /// <summary>What the person did, between their address and the mail's subject.</summary>
    public static string Did(NotificationKinds kind) => kind switch
    {
        NotificationKinds.FirstOpen => "opened",
        NotificationKinds.FirstClick => "clicked in",
        NotificationKinds.Bounce => "did not get",
        NotificationKinds.Complaint => "complained about",
        NotificationKinds.Reply => "replied to",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "One kind at a time."),
    };

    /// <summary>The whole as one sentence, to be read out.</summary>
    public static string Said(NotificationKinds kind, string email, string subject) => kind switch
    {
        NotificationKinds.CampaignPaused => $"{CampaignPaused} {subject}",
        NotificationKinds.TestUndecided => $"{TestUndecided} {subject}",
        _ => $"{email} {Did(kind)} {subject}",
    };

    /// <summary>On a checkbox.</summary>
    public static string Title(NotificationKinds kind) => kind switch
    {
        NotificationKinds.CampaignPaused => "Campaign paused",
        NotificationKinds.TestUndecided => "Test without a winner",
        NotificationKinds.FirstOpen => "First open",
        NotificationKinds.FirstClick => "First click",
        NotificationKinds.Bounce => "Bounce",
        NotificationKinds.Complaint => "Complaint",
        NotificationKinds.Reply => "Reply",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "One kind at a time."),
    };

    public static Tone ToneOf(NotificationKinds kind) => kind switch
    {
        NotificationKinds.FirstOpen => Tone.Good,
        NotificationKinds.TestUndecided => Tone.Warning,
        NotificationKinds.FirstClick or NotificationKinds.Reply => Tone.Active,
        NotificationKinds.Bounce or NotificationKinds.Complaint or NotificationKinds.CampaignPaused => Tone.Bad,
        _ => Tone.Neutral,
    };
}
