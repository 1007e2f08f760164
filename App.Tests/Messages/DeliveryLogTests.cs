using ScoreTracking.EventLog;
using ScoreTracking.Messages;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Messages;

public sealed class DeliveryLogTests
{
    [Fact]
    public void Steps_stand_in_the_order_they_happened_and_the_same_in_a_row_is_one()
    {
        var steps = DeliveryLog.Steps(Some.Noon, [Logged("delivered", 30), Logged("opened", 31), Logged("deferred", 2, "451 first"), Logged("sent", 1), Logged("deferred", 9, "451 last")], standing: null);

        Assert.Equal(["Prepared", "Sent", "Deferred 2 times", "Delivered"], steps.Select(step => step.Title));
        Assert.Equal(("451 last", Some.Noon.AddMinutes(2), Some.Noon.AddMinutes(9)), (steps[2].Reason, steps[2].FirstAt, steps[2].LastAt));
        Assert.True(DeliveryLog.IsSettled(steps));
    }

    [Fact]
    public void A_soft_bounce_and_a_hard_one_are_two_steps()
    {
        var steps = DeliveryLog.Steps(Some.Noon, [Logged("bounced", 1, "452 full", "soft"), Logged("bounced", 2, "550 unknown", "hard")], standing: null);

        Assert.Equal(["Prepared", "Bounced, soft", "Bounced, hard"], steps.Select(step => step.Title));
    }

    [Fact]
    public void Before_any_report_nothing_is_settled()
    {
        Assert.False(DeliveryLog.IsSettled(DeliveryLog.Steps(Some.Noon, [Logged("processed", 1), Logged("sent", 2), Logged("deferred", 3)], standing: null)));
        Assert.True(DeliveryLog.IsSettled(DeliveryLog.Steps(Some.Noon, [Logged("dropped", 1, "suppressed by the ESP")], standing: null)));
    }

    [Fact]
    public void A_hand_over_without_an_answer_is_a_step_though_no_event_tells_of_it()
    {
        var steps = DeliveryLog.Steps(Some.Noon, [Logged("deferred", 2)], new MessageDelivery("uncertain", "con_1", 2, null, Some.Noon.AddMinutes(5), null, null, "The connection broke."));

        Assert.Equal(["Prepared", "Deferred", "Handed over, without an answer"], steps.Select(step => step.Title));
        Assert.Equal((Some.Noon.AddMinutes(5), "The connection broke."), (steps[2].FirstAt, steps[2].Reason));
        Assert.False(DeliveryLog.IsSettled(steps));
        Assert.Equal(2, DeliveryLog.Steps(Some.Noon, [Logged("deferred", 2)], new MessageDelivery("waiting", "con_1", 2, null, Some.Noon.AddMinutes(5), null, null, "450")).Count);
    }

    [Theory]
    [InlineData("ana@example.com", "ana@example.com")]
    [InlineData("Ana <ana@example.com>, ben@example.com", "ana@example.com ben@example.com")]
    [InlineData("\"Lind, Eva\" <eva@example.com>\r\n\n  ben@example.com  ", "eva@example.com ben@example.com")]
    [InlineData("Ana <ana@example.com>, nobody; <ben@example.com>", "ana@example.com nobody ben@example.com")]
    [InlineData(" \n ", "")]
    public void Recipients_are_read_as_people_write_them(string typed, string addresses) =>
        Assert.Equal(addresses, string.Join(' ', new MailForm { To = typed }.Recipients));

    private static LoggedEvent Logged(string type, int minutes, string? reason = null, string? bounce = null)
    {
        var metadata = new Dictionary<string, object?>();
        if (reason is not null)
        {
            metadata["reason"] = reason;
        }

        if (bounce is not null)
        {
            metadata["bounce_type"] = bounce;
        }

        var at = Some.Noon.AddMinutes(minutes);
        return new LoggedEvent($"evt_{minutes}", type, "msg_1", null, null, "ana@example.com", at, at, null, null, null, null, [], true, null, null, metadata);
    }
}
