using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>What a webhook can be told of: every type of event, the first time a person opened or clicked, and mail that is ready to be handed over.</summary>
public static class HookTypes
{
    /// <summary>A person opened the message for the first time, by its pixel or told by a click; once per message.</summary>
    public const string FirstOpen = "first_open";

    /// <summary>A person clicked in the message for the first time; once per message.</summary>
    public const string FirstClick = "first_click";

    /// <summary>A journey sends somebody mail of a campaign others hand over: here it is; once per message.</summary>
    public const string MessageReady = "message.ready";

    /// <summary>Sent on request, to see that a webhook works; not chosen.</summary>
    public const string Test = "test";

    /// <summary>In the order they are offered.</summary>
    public static readonly IReadOnlyList<string> All = [FirstOpen, FirstClick, .. EventTypes.All.Select(EventTypes.Name), MessageReady];

    /// <summary>Whether an event is worth a word to one that did or did not ask for machines: repeated pixel loads and double clicks never are.</summary>
    internal static bool IsTold(in FollowedEvent followed, bool machines) => !followed.Type.IsHit() || followed.IsConfirmedHit || (machines && !followed.Repeat);
}
