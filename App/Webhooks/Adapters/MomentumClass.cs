using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Bounce classes of the Momentum mail server, which SparkPost, Mandrill and SMTP.com report by number.</summary>
internal static class MomentumClass
{
    public const int AutoReply = 60;
    public const int Subscribe = 80;
    public const int Unsubscribe = 90;
    public const int ChallengeResponse = 100;

    /// <summary>None when the number is not known or is no bounce.</summary>
    public static BounceKind KindOf(int? number) => number switch
    {
        10 or 30 => BounceKind.Hard,
        1 or 20 or 21 or 22 or 23 or 24 or 40 or 70 => BounceKind.Soft,
        25 or (>= 50 and <= 54) => BounceKind.Block,
        _ => BounceKind.None,
    };
}
