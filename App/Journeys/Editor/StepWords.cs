using System.Globalization;
using ScoreTracking.Components;
using ScoreTracking.Events;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys.Editor;

/// <summary>Triggers, steps and exits as people read them.</summary>
public static class StepWords
{
    public static string Title(JourneyStep step) => step switch
    {
        SendStep => "Send",
        DelayStep => "Wait",
        WaitUntilStep => "Wait until a date",
        WaitForStep wait => $"Wait for {Happening(wait.Event)}",
        ConditionStep => "Ask",
        BranchStep => "Part by engagement",
        SplitStep => "Part by chance",
        UpdateFieldStep { Value: null } => "Clear a field",
        UpdateFieldStep => "Set a field",
        AddToListStep => "Add to a list",
        RemoveFromListStep => "Remove from a list",
        WebhookStep => "Call a webhook",
        _ => "End",
    };

    public static string Detail(JourneyStep step, JourneyDefinition definition, JourneyNames names) => step switch
    {
        SendStep send => names.Campaign(send.CampaignId),
        DelayStep delay => WaitForm.Words(delay.For),
        WaitUntilStep until => Until(until),
        WaitForStep wait => $"Up to {WaitForm.Words(wait.Timeout)}: {(wait.LinkContains.Length > 0 ? $"“{wait.LinkContains}” in " : "")}{MessageOf(definition, wait.MessageOf, names)}",
        ConditionStep condition => Question(condition.Test, definition, names),
        BranchStep branch => $"{branch.Branches.Count + 1} ways by score",
        SplitStep split => Numerals.Count(split.Branches.Count, "way", "ways"),
        UpdateFieldStep update => update.Field.Length == 0 ? "no field chosen" : update.Value is { } value ? $"{update.Field} = {value}" : update.Field,
        AddToListStep add => names.List(add.ListId),
        RemoveFromListStep remove => names.List(remove.ListId),
        WebhookStep webhook => Uri.TryCreate(webhook.Url, UriKind.Absolute, out var url) ? url.Host : "no address yet",
        _ => "The journey ends here",
    };

    public static string Begins(JourneyTrigger trigger, JourneyNames names) => trigger switch
    {
        JourneyTrigger.OfEvent reported => $"Somebody {Past(reported.Type)}{(reported.CampaignId == 0 ? "" : $" {names.Campaign(reported.CampaignId)}")}{(reported.LinkContains.Length == 0 ? "" : $", “{reported.LinkContains}”")}",
        JourneyTrigger.SegmentJoined joined => $"Joins {names.Segment(joined.SegmentId)}",
        JourneyTrigger.ListJoined joined => $"Put on {names.List(joined.ListId)}",
        _ => "By hand or by a program",
    };

    public static string Exit(JourneyStep step, string key) => step switch
    {
        WaitForStep wait => key == WaitForStep.EventExit ? Happened(wait.Event) : $"Not within {WaitForm.Words(wait.Timeout)}",
        ConditionStep => key == ConditionStep.YesExit ? "Yes" : "No",
        BranchStep branch => Range(branch, key),
        SplitStep split => Share(split, key),
        _ => "",
    };

    /// <summary>"a click".</summary>
    public static string Happening(EventType type) => type switch
    {
        EventType.Sent => "the sending",
        EventType.Delivered => "delivery",
        EventType.Opened => "an open",
        EventType.Clicked => "a click",
        EventType.Bounced => "a bounce",
        EventType.Complained => "a complaint",
        EventType.Unsubscribed => "an unsubscribe",
        EventType.Replied => "a reply",
        _ => type.Name(),
    };

    /// <summary>"Clicked".</summary>
    public static string Happened(EventType type) => type.Name() is var name ? char.ToUpperInvariant(name[0]) + name[1..] : "";

    /// <summary>After "somebody": "clicks in".</summary>
    public static string Past(EventType type) => type switch
    {
        EventType.Sent => "is sent",
        EventType.Delivered => "gets",
        EventType.Opened => "opens",
        EventType.Clicked => "clicks in",
        EventType.Bounced => "bounces on",
        EventType.Complained => "complains about",
        EventType.Unsubscribed => "unsubscribes by",
        EventType.Replied => "replies to",
        _ => type.Name(),
    };

    /// <summary>The campaign a send step sends.</summary>
    public static string MessageOf(JourneyDefinition definition, string stepId, JourneyNames names) =>
        definition.Find(stepId) is SendStep send ? names.Campaign(send.CampaignId) : "no message chosen";

    private static string Question(JourneyTest? test, JourneyDefinition definition, JourneyNames names) => test switch
    {
        JourneyTest.OfMessage message => $"{Happened(message.Type)} {MessageOf(definition, message.MessageOf, names)}?",
        JourneyTest.InSegment segment => $"In {names.Segment(segment.SegmentId)}?",
        JourneyTest.OfRule rule => $"{SegmentWords.Sentence(rule.Rule, names.ForRules)}?",
        _ => "nothing asked yet",
    };

    private static string Until(WaitUntilStep until)
    {
        var field = until.Field.Length == 0 ? "no field chosen" : until.Field;
        var offset = until.Offset == TimeSpan.Zero ? "" : until.Offset < TimeSpan.Zero ? $"{WaitForm.Words(until.Offset)} before " : $"{WaitForm.Words(until.Offset)} after ";
        return $"{offset}{field}{(until.At is { } at ? $", {at.ToString("HH:mm", CultureInfo.InvariantCulture)}" : "")}";
    }

    private static string Range(BranchStep branch, string key)
    {
        var at = branch.Branches.ToList().FindIndex(one => one.Key == key);
        var from = at < 0 ? branch.Branches.Count > 0 ? branch.Branches[^1].Below : 0 : at == 0 ? 0 : branch.Branches[at - 1].Below;
        return at < 0 ? $"{Bound(from)} and more" : at == 0 ? $"Score below {Bound(branch.Branches[0].Below)}" : $"{Bound(from)} to below {Bound(branch.Branches[at].Below)}";
    }

    private static string Share(SplitStep split, string key)
    {
        var all = split.Branches.Sum(one => one.Weight);
        var weight = split.Branches.FirstOrDefault(one => one.Key == key)?.Weight ?? 0;
        return all > 0 ? $"{key.ToUpperInvariant()} {(weight * 100 / all).ToString("0.#", CultureInfo.InvariantCulture)}%" : key.ToUpperInvariant();
    }

    private static string Bound(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
