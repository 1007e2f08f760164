using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Mail;

public sealed class BounceClassTests
{
    [Theory]
    [InlineData("5.1.1", null, null)]
    [InlineData("5.1.2", null, "")]
    [InlineData("5.1.3", null, null)]
    [InlineData("5.1.6", null, "moved")]
    [InlineData("5.1.10", null, "Recipient address has null MX")]
    [InlineData("5.7.17", null, "mailbox owner has changed, blocked")]
    [InlineData("5.2.1", null, "The email account that you tried to reach is disabled")]
    [InlineData("5.4.4", null, "Host or domain name not found. Name service error")]
    [InlineData("4.1.1", null, "450 4.1.1 <ann@example.com>: Recipient address rejected: User unknown in local recipient table")]
    [InlineData("5.0.0", null, "550 #5.1.1 address rejected")]
    [InlineData(null, 550, "No such user here")]
    [InlineData(null, 550, "<spam@example.com>: unknown user")]
    [InlineData(null, null, "550 5.1.1 The email account that you tried to reach does not exist. See https://example.com/policy/blocked")]
    [InlineData(null, null, "host relay.example.com[203.0.113.9] said: 550 Invalid recipient")]
    [InlineData(null, 553, "sorry, that address does not exist")]
    [InlineData("5.1.1 (bad destination mailbox address)", null, null)]
    [InlineData(null, 554, "delivery error: dd This user doesn't have a example.com account (ann@example.com)")]
    public void A_dead_address_is_hard(string? status, int? code, string? text) => Assert.Equal(BounceKind.Hard, BounceClass.Classify(status, code, text));

    [Theory]
    [InlineData("5.7.1", null, null)]
    [InlineData("5.7.26", null, "unauthenticated mail")]
    [InlineData("5.6.0", null, null)]
    [InlineData("5.1.7", null, null)]
    [InlineData("5.1.8", null, "Sender address rejected: Domain not found")]
    [InlineData("4.1.8", null, "450 4.1.8 <news@example.com>: Sender address rejected: Domain not found")]
    [InlineData("5.1.1", null, "550 5.1.1 rejected, 203.0.113.9 is on a blocklist")]
    [InlineData("5.0.0", null, "554 Message refused as SPAM")]
    [InlineData("5.0.0", null, "550 5.7.1 user unknown")]
    [InlineData(null, 550, "5.7.1 Relay access denied")]
    [InlineData(null, 554, "rejected by local policy")]
    [InlineData(null, 554, "rejected, sender domain is on our block list")]
    [InlineData(null, 550, "SPF check failed")]
    [InlineData(null, 550, "too many connections from your host")]
    [InlineData(null, 554, "Your mail server has poor reputation")]
    [InlineData("4.7.0", null, "blocked due to virus")]
    public void A_refused_sender_or_message_is_a_block(string? status, int? code, string? text) => Assert.Equal(BounceKind.Block, BounceClass.Classify(status, code, text));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("", null, "")]
    [InlineData("5.0.0", null, null)]
    [InlineData("5.1.0", null, "address error")]
    [InlineData("4.4.7", null, "message expired")]
    [InlineData("4.1.1", null, null)]
    [InlineData("5.2.1", null, "mailbox rejected the message")]
    [InlineData("5.2.2", null, "mailbox full")]
    [InlineData("5.2.3", null, null)]
    [InlineData("5.3.4", null, "message too large")]
    [InlineData("5.4.4", null, "unable to route")]
    [InlineData("5.5.0", null, "Requested action not taken: mailbox unavailable")]
    [InlineData(null, 421, "too many connections, try later")]
    [InlineData(null, 450, null)]
    [InlineData(null, 451, "greylisted")]
    [InlineData(null, 452, "4.2.2 over quota")]
    [InlineData(null, 550, null)]
    [InlineData(null, 552, "storage allocation exceeded")]
    [InlineData(null, 554, "transaction failed")]
    [InlineData("nonsense", null, "5.9.120.12 was here")]
    public void Everything_else_is_soft_and_never_hard(string? status, int? code, string? text) => Assert.Equal(BounceKind.Soft, BounceClass.Classify(status, code, text));

    [Theory, InlineData("2.0.0", null, null), InlineData(null, 250, "OK"), InlineData(null, null, "250 2.1.5 Ok")]
    public void A_success_is_no_bounce(string? status, int? code, string? text) => Assert.Equal(BounceKind.None, BounceClass.Classify(status, code, text));

    [Theory]
    [InlineData("5.0.0", "smtp; 550-5.1.1 unknown", "5.1.1")]
    [InlineData("5.0.0", "smtp; 450 4.1.1 unknown", "5.0.0")]
    [InlineData("5.2.2", "550 5.1.1", "5.2.2")]
    [InlineData(null, "connect to 5.1.1.9: 421 4.4.2 timeout", "4.4.2")]
    [InlineData(null, "no code at all", null)]
    public void The_status_that_says_more_is_used(string? given, string text, string? expected) => Assert.Equal(expected, BounceClass.StatusOf(given, text));

    [Theory, InlineData(100_000, "a"), InlineData(100_000, "a@"), InlineData(100_000, "5."), InlineData(100_000, "mailbox "), InlineData(100_000, "\0\uFFFD")]
    public void Endless_text_is_judged_in_no_time(int length, string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, length / part.Length));
        var started = System.Diagnostics.Stopwatch.StartNew();

        BounceClass.Classify(text, 550, text);

        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }
}
