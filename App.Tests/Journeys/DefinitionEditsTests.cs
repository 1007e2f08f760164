using ScoreTracking.Events;
using ScoreTracking.Journeys;
using ScoreTracking.Journeys.Editor;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Changes of a journey as a person draws it.</summary>
public sealed class DefinitionEditsTests
{
    [Fact]
    public void A_step_put_on_a_line_leads_on_to_where_the_line_led()
    {
        var made = DefinitionEdits.Insert(Reminder(), "send", JourneyStep.Next, new DelayStep("wait", TimeSpan.FromHours(1), null));

        Assert.Equal("wait", Next(made, "send", "next"));
        Assert.Equal("click", Next(made, "wait", "next"));
        Assert.Equal("send", made.First!.Id);
    }

    [Fact]
    public void A_step_put_before_all_others_is_where_the_journey_begins()
    {
        var made = DefinitionEdits.Insert(Reminder(), null, JourneyStep.Next, new ConditionStep("ask", null, null, null));

        Assert.Equal("ask", made.First!.Id);
        Assert.Equal("send", Next(made, "ask", "yes"));
        Assert.Null(Next(made, "ask", "no"));
    }

    [Fact]
    public void A_step_taken_out_leaves_its_line_whole()
    {
        var left = DefinitionEdits.Remove(Reminder(), "remind", out var also);

        Assert.Equal("thank", Next(left, "click", "timeout"));
        Assert.Equal(0, also);
        Assert.Equal(["send", "click", "thank"], left.Steps.Select(step => step.Id));
    }

    [Fact]
    public void Where_the_first_step_is_taken_out_the_next_one_begins()
    {
        var left = DefinitionEdits.Remove(Reminder(), "send", out _);

        Assert.Equal("click", left.First!.Id);
    }

    [Fact]
    public void A_branch_taken_out_takes_along_what_only_its_other_ways_led_to()
    {
        var branched = Reminder() with
        {
            Steps =
            [
                new SendStep("send", 1, "ask"), new ConditionStep("ask", null, "yes", "no"), new DelayStep("yes", TimeSpan.FromDays(1), "after"),
                new DelayStep("no", TimeSpan.FromDays(2), "more"), new DelayStep("more", TimeSpan.FromDays(2), "after"), new ExitStep("after"),
            ],
        };

        var left = DefinitionEdits.Remove(branched, "ask", out var also);

        Assert.Equal(2, also);
        Assert.Equal(["send", "yes", "after"], left.Steps.Select(step => step.Id));
        Assert.Equal("yes", Next(left, "send", "next"));
    }

    [Fact]
    public void The_only_step_can_be_taken_out_and_one_that_is_not_there_changes_nothing()
    {
        var one = Reminder() with { Steps = [new SendStep("send", 1, null)] };

        Assert.Empty(DefinitionEdits.Remove(one, "send", out _).Steps);
        Assert.Equal(one.Steps, DefinitionEdits.Remove(one, "gone", out _).Steps);
    }

    [Fact]
    public void A_new_wait_waits_for_the_last_message_sent_before_it()
    {
        var made = Assert.IsType<WaitForStep>(NewSteps.Make(WaitForStep.TypeName, Reminder(), "thank"));

        Assert.Equal("remind", made.MessageOf);
        Assert.Equal("n1", made.Id);
        Assert.Equal(["remind", "send"], DefinitionEdits.SendsBefore(Reminder(), "thank").Select(send => send.Id));
    }

    [Fact]
    public void An_exit_may_lead_to_no_step_that_leads_to_it() =>
        Assert.Equal(["remind", "thank"], DefinitionEdits.MayFollow(Reminder(), "click").Select(step => step.Id));

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void However_it_is_drawn_every_line_leads_somewhere_and_undo_leads_all_the_way_back(int seed)
    {
        var random = new Random(seed);
        var history = new DraftHistory(JourneyDefinition.Empty);
        var states = new Stack<JourneyDefinition>([history.Now]);
        for (var i = 0; i < 60; i++)
        {
            var now = history.Now;
            var at = now.Steps.Count == 0 ? null : now.Steps[random.Next(now.Steps.Count)];
            history.Change(at switch
            {
                null => DefinitionEdits.Insert(now, null, JourneyStep.Next, Make(now)),
                { Exits.Count: > 0 } when random.Next(4) > 0 => DefinitionEdits.Insert(now, at.Id, at.Exits[random.Next(at.Exits.Count)].Key, Make(now)),
                _ => DefinitionEdits.Remove(now, at.Id, out _),
            });
            states.Push(history.Now);
            Assert.DoesNotContain(JourneyRules.Check(history.Now), fault => fault.Error.Contains("does not exist", StringComparison.Ordinal)
                || fault.Error.Contains("circle", StringComparison.Ordinal) || fault.Error.Contains("same id", StringComparison.Ordinal));
        }

        while (history.CanUndo)
        {
            Assert.Same(states.Pop(), history.Now);
            history.Undo();
        }

        Assert.Empty(history.Now.Steps);

        JourneyStep Make(JourneyDefinition now) => NewSteps.Make(NewSteps.All[random.Next(NewSteps.All.Count)].Type, now, null);
    }

    [Theory, InlineData("PT4S", "4", "seconds", "4 seconds"), InlineData("P3D", "3", "days", "3 days"), InlineData("P14D", "2", "weeks", "2 weeks"), InlineData("P7D", "7", "days", "7 days"), InlineData("PT90M", "90", "minutes", "1 hour 30 minutes")]
    public void A_length_of_time_is_typed_in_its_longest_whole_unit(string iso, string count, string unit, string words)
    {
        Assert.True(Api.IsoDuration.TryParse(iso, mayBeNegative: false, out var time));
        var form = WaitForm.Of(time);

        Assert.Equal((count, unit), (form.Count.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture), form.Unit));
        Assert.Equal(time, WaitForm.Read(count, unit));
        Assert.Equal(words, WaitForm.Words(time));
    }

    [Theory, InlineData("soon"), InlineData(""), InlineData(null)]
    public void What_is_no_number_is_no_length_of_time(string? typed) => Assert.Null(WaitForm.Read(typed, "days"));

    /// <summary>Send, wait three days for a click, else remind; thank everybody.</summary>
    internal static JourneyDefinition Reminder(long first = 1, long second = 2) => JourneyDefinition.Empty with
    {
        Steps =
        [
            new SendStep("send", first, "click"), new WaitForStep("click", EventType.Clicked, "send", "", TimeSpan.FromDays(3), "thank", "remind"),
            new SendStep("remind", second, "thank"), new ExitStep("thank"),
        ],
    };

    private static string? Next(JourneyDefinition definition, string id, string key) => definition.Find(id)!.Exits.Single(exit => exit.Key == key).Next;
}
