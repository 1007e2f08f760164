using System.Globalization;
using ScoreTracking.Settings;

namespace ScoreTracking.Campaigns;

/// <summary>A campaign's figures as far as its pause depends on them.</summary>
/// <param name="Handed">Messages handed over, those refused at once included.</param>
internal readonly record struct BrakeFigures(long Handed, long Complained, long HardBounced)
{
    public static BrakeFigures operator -(BrakeFigures all, BrakeFigures accepted) =>
        new(all.Handed - accepted.Handed, all.Complained - accepted.Complained, all.HardBounced - accepted.HardBounced);
}

/// <summary>When a campaign must not go on by itself.</summary>
internal static class BrakeRules
{
    /// <summary>Why the campaign stops, as a sentence; null where it goes on.</summary>
    /// <param name="since">Since a person last let it go on, or from its start.</param>
    public static string? Reason(BrakeFigures since, PauseRates limits)
    {
        if (Passes(since.Complained, since.Handed, limits.ComplaintsPercent, limits.ComplaintsAfter))
        {
            return $"{Percent(since.Complained, since.Handed)} of its messages were reported as spam ({Count(since.Complained)} of {Count(since.Handed)}); the limit is {Number(limits.ComplaintsPercent)}%. "
                + "Mailbox providers refuse all your mail where this goes on. Look at who gets it, and how they came to be on the list.";
        }

        if (Passes(since.HardBounced, since.Handed, limits.HardBouncesPercent, limits.HardBouncesAfter))
        {
            return $"{Percent(since.HardBounced, since.Handed)} of its messages went to addresses that do not exist ({Count(since.HardBounced)} of {Count(since.Handed)}); the limit is {Number(limits.HardBouncesPercent)}%. "
                + "That is what an old or bought list looks like, to mailbox providers too. Clean the list first.";
        }

        return null;
    }

    /// <summary>Whether it would stop, were there only more mail: then what is sent matters, too.</summary>
    public static bool IsClose(BrakeFigures since, PauseRates limits) =>
        IsOver(since.Complained, since.Handed, limits.ComplaintsPercent) || IsOver(since.HardBounced, since.Handed, limits.HardBouncesPercent);

    private static bool Passes(long count, long handed, double percent, int after) => handed >= after && IsOver(count, handed, percent);

    private static bool IsOver(long count, long handed, double percent) => percent > 0 && count > 0 && count * 100.0 >= percent * handed;

    private static string Percent(long count, long handed) => (100.0 * count / handed).ToString("0.##", CultureInfo.InvariantCulture) + "%";

    private static string Number(double percent) => percent.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);
}
