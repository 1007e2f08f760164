using ScoreTracking.Suppressions;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SoftBounceStreakTests
{
    private const long Hour = 60 * 60 * 1000;

    // One letter a message, sent an hour apart, each ending a minute later: s soft, g delivered, . silent, n neither.
    [Theory]
    [InlineData("ssss", 0)]
    [InlineData("sssss", 5)]
    [InlineData("ssssss", 5)]
    [InlineData("ssssgs", 0)]
    [InlineData("ssssgsssss", 10)]
    [InlineData("ssgsssss", 8)]
    [InlineData("ssnsnss", 7)]
    [InlineData("nnnnn", 0)]
    [InlineData("s.s.s.s.s", 9)]
    [InlineData("", 0)]
    public void Five_soft_bounces_in_a_row_are_reached_with_the_fifth(string messages, int reachedWith)
    {
        var reached = SoftBounceStreak.Reached(Messages(messages), 5);

        Assert.Equal(reachedWith == 0 ? [] : [(long)reachedWith], reached.Select(message => message.MessageId));
    }

    [Theory]
    [InlineData(71, 5)]
    [InlineData(72, 0)]
    public void Without_delivery_reports_72_hours_of_silence_are_as_good_as_one(int hours, int reachedWith)
    {
        var messages = Messages("ss.ss");
        messages.Add(Message(6, messages[2].SentAt + (hours * Hour) - 60_000, 's') with { EndedAt = messages[2].SentAt + (hours * Hour) });

        Assert.Equal(reachedWith == 0 ? [] : [6L], SoftBounceStreak.Reached(messages, 5).Select(message => message.MessageId));
    }

    [Fact]
    public void Where_deliveries_are_reported_silence_says_nothing()
    {
        var messages = Messages("gss.sss");
        for (var i = 4; i < messages.Count; i++)
        {
            messages[i] = messages[i] with { SentAt = messages[i].SentAt + (100 * Hour), EndedAt = messages[i].EndedAt + (100 * Hour) };
        }

        Assert.Equal([7L], SoftBounceStreak.Reached(messages, 5).Select(message => message.MessageId));
    }

    [Fact]
    public void A_new_address_begins_anew()
    {
        var messages = Messages("ssssssss");
        for (var i = 4; i < messages.Count; i++)
        {
            messages[i] = messages[i] with { Email = "new@example.com" };
        }

        Assert.Empty(SoftBounceStreak.Reached(messages, 5));
        Assert.Equal(4, SoftBounceStreak.Current(messages));
    }

    [Theory]
    [InlineData("sss", 3)]
    [InlineData("sssn", 3)]
    [InlineData("sss.", 3)]
    [InlineData("sssg", 0)]
    [InlineData("gs", 1)]
    [InlineData("", 0)]
    public void The_streak_shown_is_the_one_the_latest_message_stands_in(string messages, int streak) =>
        Assert.Equal(streak, SoftBounceStreak.Current(Messages(messages)));

    [Fact]
    public void The_order_they_are_told_in_does_not_matter()
    {
        var random = new Random(20);
        for (var round = 0; round < 500; round++)
        {
            var messages = Messages(new string([.. Enumerable.Range(0, 12).Select(_ => "ssssg.n"[random.Next(7)])]));
            var expected = SoftBounceStreak.Reached([.. messages], 3);
            var streak = SoftBounceStreak.Current([.. messages]);
            var shuffled = messages.ToArray();
            random.Shuffle(shuffled);

            Assert.Equal(expected, SoftBounceStreak.Reached([.. shuffled], 3));
            Assert.Equal(streak, SoftBounceStreak.Current([.. shuffled]));
        }
    }

    [Theory]
    [InlineData("451 4.7.1 Greylisted, try again later", true)]
    [InlineData("4.7.0 Temporary rate limit", true)]
    [InlineData("421-4.7.28 unusual rate", true)]
    [InlineData("452 4.2.2 Mailbox full", false)]
    [InlineData("host 10.4.7.1 did not answer", false)]
    [InlineData("554 5.4.7.1", false)]
    [InlineData("", false)]
    public void A_deferral_by_policy_is_known_by_its_code(string reason, bool policy) =>
        Assert.Equal(policy, SuppressionRules.IsPolicy(reason));

    private static List<StreakMessage> Messages(string outcomes) => [.. outcomes.Select((outcome, i) => Message(i + 1, (i + 1) * Hour, outcome))];

    private static StreakMessage Message(long id, long sentAt, char outcome) => new(
        id, 1, "ana@example.com", sentAt,
        outcome switch { 's' => StreakOutcome.Soft, 'g' => StreakOutcome.Good, '.' => StreakOutcome.Silent, _ => StreakOutcome.Nothing },
        outcome == 's' ? sentAt + 60_000 : 0,
        outcome == 'g');
}
