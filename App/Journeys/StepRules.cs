using System.Text.Json;

namespace ScoreTracking.Journeys;

/// <summary>What each kind of step must be made of.</summary>
internal sealed class StepRules(JourneyStep step, string path, List<JourneyFault> faults)
{
    public void Check()
    {
        switch (step)
        {
            case SendStep { CampaignId: 0 }:
                Fault("campaign_id", "choose a campaign");
                break;
            case DelayStep delay:
                CheckWait("for", delay.For);
                break;
            case WaitUntilStep until:
                CheckField(until.Field);
                CheckWait("offset", until.Offset.Duration());
                break;
            case WaitForStep wait:
                JourneyRules.CheckEvent(wait.Event, wait.LinkContains, step.Id, path, faults);
                CheckWait("timeout", wait.Timeout);
                break;
            case ConditionStep condition:
                CheckTest(condition.Test);
                break;
            case BranchStep branch:
                CheckBranch(branch);
                break;
            case SplitStep split:
                CheckSplit(split);
                break;
            case UpdateFieldStep update:
                CheckField(update.Field);
                if (update.Value?.GetValueKind() == JsonValueKind.String && update.Value.GetValue<string>().Length > JourneyRules.MaxText)
                {
                    Fault("value", $"at most {JourneyRules.MaxText} characters");
                }

                break;
            case AddToListStep { ListId: 0 } or RemoveFromListStep { ListId: 0 }:
                Fault("list_id", "choose a list");
                break;
            case WebhookStep webhook:
                CheckUrl(webhook.Url);
                break;
        }
    }

    private void CheckWait(string field, TimeSpan wait)
    {
        if (wait > JourneyRules.MaxWait)
        {
            Fault(field, "at most five years");
        }
    }

    private void CheckField(string name)
    {
        if (name.Length is 0 or > JourneyRules.MaxId || name.Any(char.IsControl))
        {
            Fault("field", name.Length == 0 ? "name an attribute" : $"must be one line of at most {JourneyRules.MaxId} characters");
        }
    }

    private void CheckTest(JourneyTest? test)
    {
        switch (test)
        {
            case null:
                Fault("test", "choose what is asked");
                break;
            case JourneyTest.InSegment { SegmentId: 0 }:
                Fault("test.segment_id", "choose a segment");
                break;
            case JourneyTest.OfMessage message:
                JourneyRules.CheckEvent(message.Type, "", step.Id, $"{path}.test", faults);
                break;
        }
    }

    private void CheckBranch(BranchStep branch)
    {
        CheckKeys([.. branch.Branches.Select(one => one.Key)], minimum: 1);
        for (var i = 0; i < branch.Branches.Count; i++)
        {
            if (branch.Branches[i].Below is not (> 0 and <= 100))
            {
                Fault($"branches[{i}].below", "must be above 0 and at most 100");
            }
            else if (i > 0 && branch.Branches[i].Below <= branch.Branches[i - 1].Below)
            {
                Fault($"branches[{i}].below", "must be above that of the branch before it");
            }
        }
    }

    private void CheckSplit(SplitStep split)
    {
        CheckKeys([.. split.Branches.Select(one => one.Key)], minimum: 2);
        for (var i = 0; i < split.Branches.Count; i++)
        {
            if (split.Branches[i].Weight is not (> 0 and <= 1_000_000))
            {
                Fault($"branches[{i}].weight", "must be above 0 and at most 1000000");
            }
        }
    }

    private void CheckKeys(IReadOnlyList<string> keys, int minimum)
    {
        if (keys.Count < minimum || keys.Count > JourneyRules.MaxBranches)
        {
            Fault("branches", keys.Count < minimum ? $"at least {minimum}" : $"at most {JourneyRules.MaxBranches}");
        }

        for (var i = 0; i < keys.Count; i++)
        {
            var error = keys[i].Length is 0 or > JourneyRules.MaxId || keys[i].Any(char.IsControl) ? $"must be one line of 1 to {JourneyRules.MaxId} characters"
                : keys[i] is BranchStep.OtherwiseExit or JourneyCounting.Exited ? "is a word with a meaning of its own"
                : keys.Take(i).Contains(keys[i]) ? "another branch has the same key"
                : null;
            if (error is not null)
            {
                Fault($"branches[{i}].key", error);
            }
        }
    }

    private void CheckUrl(string url)
    {
        if (url.Length is 0 or > JourneyRules.MaxUrl)
        {
            Fault("url", url.Length == 0 ? "required" : $"at most {JourneyRules.MaxUrl} characters");
        }
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || url.Any(char.IsControl))
        {
            Fault("url", "must be an absolute http or https URL without user name or password");
        }
    }

    private void Fault(string field, string error) => faults.Add(new JourneyFault(step.Id.Length == 0 ? null : step.Id, $"{path}.{field}", error));
}
