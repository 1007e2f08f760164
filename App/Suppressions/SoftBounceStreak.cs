namespace ScoreTracking.Suppressions;

/// <summary>What became of a message, as far as a streak of soft bounces asks.</summary>
public enum StreakOutcome : byte
{
    /// <summary>Says nothing about the address: blocked, dropped, deferred, not sent.</summary>
    Nothing = 0,

    /// <summary>Its end was a soft bounce.</summary>
    Soft = 1,

    /// <summary>It arrived: delivered, or opened or clicked by a person.</summary>
    Good = 2,

    /// <summary>Sent, and nothing was heard of it since.</summary>
    Silent = 3,
}

/// <summary>A message of a contact.</summary>
/// <param name="Email">Where it went.</param>
/// <param name="SentAt">Unix milliseconds; what the messages are ordered by.</param>
/// <param name="EndedAt">Of a soft bounce.</param>
/// <param name="Delivered">A delivery report came.</param>
/// <param name="Blocked">Its bounce was a block.</param>
public readonly record struct StreakMessage(
    long MessageId, long CampaignId, string Email, long SentAt, StreakOutcome Outcome, long EndedAt, bool Delivered, bool Blocked = false);

/// <summary>
/// Soft bounces of consecutive messages to one person at one address, in the order the messages were sent: late reports
/// cannot fake a streak, nor hide one. A delivery or a person's open or click ends it; so does a message of which nothing
/// bad was heard for 72 hours, as long as no message before had a delivery report, since then deliveries are not reported.
/// </summary>
public static class SoftBounceStreak
{
    public const int DefaultLimit = 5;
    public const int MinLimit = 2;
    public const int MaxLimit = 50;

    private const long Quiet = 72L * 60 * 60 * 1000;

    /// <summary>The messages, by address, with which a streak first reached the limit.</summary>
    /// <param name="messages">Of one contact; sorted here.</param>
    public static IReadOnlyList<StreakMessage> Reached(List<StreakMessage> messages, int limit)
    {
        Sort(messages);
        var reached = new List<StreakMessage>();
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            if (message.Outcome == StreakOutcome.Soft
                && Length(messages, i, message.EndedAt, limit) >= limit
                && !reached.Exists(before => string.Equals(before.Email, message.Email, StringComparison.OrdinalIgnoreCase)))
            {
                reached.Add(message);
            }
        }

        return reached;
    }

    /// <summary>The streak the latest message stands in, as of the last soft bounce; 0 where it arrived.</summary>
    public static int Current(List<StreakMessage> messages)
    {
        Sort(messages);
        return messages.Count == 0 ? 0 : Length(messages, messages.Count - 1, messages.Max(message => message.EndedAt), int.MaxValue);
    }

    private static void Sort(List<StreakMessage> messages) =>
        messages.Sort((a, b) => (a.SentAt, a.MessageId).CompareTo((b.SentAt, b.MessageId)));

    // Backwards from one message, by what could be known at a moment.
    private static int Length(List<StreakMessage> messages, int last, long at, int limit)
    {
        var reports = false;
        for (var i = 0; i <= last && !reports; i++)
        {
            reports = messages[i].Delivered;
        }

        var length = 0;
        for (var i = last; i >= 0 && length < limit; i--)
        {
            var message = messages[i];
            if (!string.Equals(message.Email, messages[last].Email, StringComparison.OrdinalIgnoreCase)
                || message.Outcome == StreakOutcome.Good
                || (message.Outcome == StreakOutcome.Silent && !reports && at - message.SentAt >= Quiet))
            {
                break;
            }

            length += message.Outcome == StreakOutcome.Soft ? 1 : 0;
        }

        return length;
    }
}
