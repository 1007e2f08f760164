using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Hooks;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys.Actions;

/// <summary>
/// Sends a campaign to whoever comes to the step. Mail we hand over is queued within the transaction that moves them on; of mail others
/// hand over, webhooks that ask for <see cref="HookTypes.MessageReady"/> are told.
/// </summary>
internal sealed class SendAction(RecipientEntry entries, HookNotes hooks, SendQueue queue, LiveUpdates live) : IStepAction
{
    /// <summary>The mail is on its way.</summary>
    public const string Sent = "sent";

    /// <summary>The campaign went to them before.</summary>
    public const string AlreadySent = "already_sent";

    /// <summary>They may not be mailed.</summary>
    public const string Suppressed = "suppressed";

    /// <summary>Of what the campaign is about, they want nothing.</summary>
    public const string TopicsRefused = "topics";

    private const string Claimed = "SELECT 1 FROM enrollment_steps WHERE message_id = $1 AND message_id > 0 LIMIT 1";

    /// <summary>Whoever has to wait is looked at again within so many milliseconds, though nothing tells that they need to wait no longer.</summary>
    public const long Latest = 600_000;

    // They are left alone for a quarter of the time they have waited, at least so long.
    private const long Soonest = 10_000;

    private readonly HashSet<long> _campaigns = [];
    private bool _queued;
    private bool _ready;

    public bool Does(JourneyStep step) => step is SendStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var campaignId = ((SendStep)step).CampaignId;
        var entry = entries.Send(person.Commands, person.Transaction, campaignId, person.ContactId, person.StepAt);
        return entry.End switch
        {
            EntryEnd.Sent when entry.WasThere && person.Commands.Command(Claimed, entry.MessageId).ExecuteScalar() is not null => new StepResult.Go(AlreadySent, entry.MessageId),
            EntryEnd.Sent => Go(person, campaignId, entry),
            EntryEnd.AlreadySent => new StepResult.Go(AlreadySent, entry.MessageId),
            EntryEnd.Later => new StepResult.Later(person.Now + Math.Clamp((person.Now - person.StepAt) / 4, Soonest, Latest)),
            EntryEnd.LeftOut => LeftOut(person, entry),
            EntryEnd.Impossible => new StepResult.Failed(entry.Because),
        };
    }

    public void Ended(bool committed)
    {
        if (committed && _campaigns.Count > 0)
        {
            live.Signal([.. _campaigns.Select(LiveTopic.Campaign), LiveTopic.Contacts]);
            if (_queued)
            {
                queue.Wake();
            }

            if (_ready)
            {
                hooks.Wake(HookTypes.MessageReady);
            }
        }

        _campaigns.Clear();
        (_queued, _ready) = (false, false);
    }

    private StepResult.Go Go(ActingPerson person, long campaignId, in Entry entry)
    {
        _campaigns.Add(campaignId);
        if (!entry.IsExternal)
        {
            _queued = true;
            return new StepResult.Go(Sent, entry.MessageId);
        }

        _ready = true;
        return new StepResult.Go(Sent, entry.MessageId, hooks.Add(person.Commands, HookTypes.MessageReady, entry.MessageId) > 0 ? "" : "No webhook is told: whoever sends it asks for it.");
    }

    private static StepResult LeftOut(ActingPerson person, in Entry entry) => entry.Because switch
    {
        Entry.Deleted => new StepResult.Leave("deleted"),
        TopicsRefused => new StepResult.Go(TopicsRefused, Detail: "They want no mail on the campaign’s topics."),
        _ when person.Definition.Exit.Unsubscribed => new StepResult.Leave(entry.Because),
        _ => new StepResult.Go(Suppressed, Detail: $"The address is suppressed: {entry.Because}."),
    };
}
