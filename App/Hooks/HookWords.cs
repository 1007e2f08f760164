using ScoreTracking.Components;

namespace ScoreTracking.Hooks;

/// <summary>Words and colours of webhooks on screen.</summary>
internal static class HookWords
{
    public static (string Text, Tone Tone) Of(HookAnswer hook) => hook switch
    {
        { Enabled: false } => ("Disabled", Tone.Neutral),
        { FailingSince: not null } => ("Failing", Tone.Bad),
        { LastDeliveredAt: null } => ("Nothing sent yet", Tone.Neutral),
        _ => ("Delivering", Tone.Good),
    };

    public static (string Text, Tone Tone) Of(DeliveryAnswer delivery) => delivery switch
    {
        { Status: "delivered" } => ("Delivered", Tone.Good),
        { Status: "failed" } => ("Failed", Tone.Bad),
        { Attempts: 0 } => ("Waiting", Tone.Neutral),
        _ => ("Retrying", Tone.Warning),
    };

    /// <summary>On a checkbox.</summary>
    public static string Title(string type) => type switch
    {
        HookTypes.FirstOpen => "First open by a person",
        HookTypes.FirstClick => "First click by a person",
        HookTypes.MessageReady => "Mail of a journey, to be sent",
        _ => string.Concat(char.ToUpperInvariant(type[0]).ToString(), type.AsSpan(1)),
    };
}
