using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Journeys;

namespace ScoreTracking.Tests.Journeys;

public sealed class JourneyDefinitionTests
{
    private const string Reminder = """
        {"trigger":{"event":"segment_joined","segment_id":"seg_3","existing":true},
         "steps":[
            {"next":"n2","campaign_id":"cmp_1","id":"n1","type":"send"},
            {"id":"n2","type":"wait_for","event":"clicked","message_of":"n1","link_contains":"/offer","timeout":"P3D","on_event":"n3","on_timeout":"n4"},
            {"id":"n3","type":"exit"},
            {"id":"n4","type":"condition","test":{"event":"opened","message_of":"n1"},"yes":"n5","no":"n6"},
            {"id":"n5","type":"delay","for":"PT4H","next":"n6"},
            {"id":"n6","type":"branch","on":"engagement_score","branches":[{"key":"cold","below":20,"next":"n7"},{"key":"warm","below":60.5,"next":null}],"otherwise":"n8"},
            {"id":"n7","type":"split","branches":[{"key":"a","weight":1,"next":"n8"},{"key":"b","weight":3,"next":"n9"}]},
            {"id":"n8","type":"update_field","field":"stage","value":"won","next":"n9"},
            {"id":"n9","type":"wait_until","field":"renews","offset":"-P1D","at":"09:30","next":"n10"},
            {"id":"n10","type":"condition","test":{"segment_id":"seg_4"},"yes":"n11","no":"n12"},
            {"id":"n11","type":"add_to_list","list_id":"lst_1","next":"n13"},
            {"id":"n12","type":"remove_from_list","list_id":"lst_2","next":"n13"},
            {"id":"n13","type":"webhook","url":"https://crm.example/in","next":null}],
         "exit":{"unsubscribed":false,"goal":{"event":"clicked","campaign_id":"cmp_9"}},
         "again":"after_end"}
        """;

    [Fact]
    public void Every_kind_of_step_is_read_and_written_back_the_same()
    {
        var read = JourneyJson.Read(Reminder);
        var written = JourneyJson.Write(read);

        Assert.Empty(JourneyRules.Check(read));
        Assert.Equal(13, read.Steps.Count);
        Assert.Equal(TimeSpan.FromDays(3), Assert.IsType<WaitForStep>(read.Find("n2")).Timeout);
        Assert.Equal([new StepExit("cold", "n7"), new StepExit("warm", null), new StepExit("otherwise", "n8")], read.Find("n6")!.Exits);
        Assert.Equal(written, JourneyJson.Write(JourneyJson.Read(written)));
        var (before, after) = (JsonNode.Parse(Reminder)!.AsObject(), JsonNode.Parse(written)!.AsObject());
        Assert.All(before["steps"]!.AsArray().Zip(after["steps"]!.AsArray()), pair =>
            Assert.All(pair.First!.AsObject(), member => Assert.True(JsonNode.DeepEquals(member.Value, pair.Second![member.Key]), $"{member.Key} of {pair.First}")));
        Assert.True(JsonNode.DeepEquals(before["trigger"], after["trigger"]));
        Assert.Equal("after_end", (string?)after["again"]);
    }

    [Fact]
    public void An_exit_led_elsewhere_changes_nothing_else()
    {
        var branch = JourneyJson.Read(Reminder).Find("n6")!;

        var changed = branch.WithExits(exit => exit.Key == "warm" ? "n9" : exit.Next);

        Assert.Equal([new StepExit("cold", "n7"), new StepExit("warm", "n9"), new StepExit("otherwise", "n8")], changed.Exits);
        Assert.Equal(branch, changed.WithExits(exit => exit.Key == "warm" ? null : exit.Next));
    }

    [Theory]
    [InlineData("""{"id":"n1","type":"send","campaign_id":"cmp_1","to":"x"}""", "steps[0].to", "step n1: unknown member")]
    [InlineData("""{"id":"n1","type":"call"}""", "steps[0].type", "step n1: unknown")]
    [InlineData("""{"id":"n1"}""", "steps[0].type", "step n1: required")]
    [InlineData("""{"id":"n1","type":"send","campaign_id":"seg_1"}""", "steps[0].campaign_id", "step n1: not an id of this kind")]
    [InlineData("""{"id":"n1","type":"delay","for":"3 days"}""", "steps[0].for", "step n1: must be an ISO 8601 duration such as PT4H or P3D")]
    [InlineData("""{"id":"n1","type":"delay","for":3}""", "steps[0].for", "step n1: must be text")]
    [InlineData("""{"id":"n1","type":"delay"}""", "steps[0].for", "step n1: required: a duration such as PT4H or P3D")]
    [InlineData("""{"id":"n1","type":"update_field","field":"a","value":[1]}""", "steps[0].value", "step n1: must be a text, a number, true, false or null")]
    [InlineData("""{"id":"n1","type":"branch","on":"luck","branches":[]}""", "steps[0].on", "step n1: must be engagement_score")]
    [InlineData("""{"id":"n1","type":"wait_until","field":"a","at":"25:00"}""", "steps[0].at", "step n1: must be a time of day such as 09:00")]
    [InlineData("""{"id":"n1","type":"split","branches":[{"key":"a","weight":"1"}]}""", "steps[0].branches[0].weight", "step n1: must be a number")]
    [InlineData("\"n1\"", "steps[0]", "must be an object")]
    public void What_cannot_be_read_is_named_with_its_step(string step, string path, string words)
    {
        var faults = Unreadable($$"""{"steps":[{{step}}]}""");

        Assert.Contains(faults, fault => fault.Path == path && fault.Words == words);
    }

    [Theory]
    [InlineData("""{"id":"n1","type":"send","campaign_id":"cmp_1","next":"n9"}""", "steps[0].next", "step n1: leads to n9, which does not exist")]
    [InlineData("""{"id":"n1","type":"send","next":null}""", "steps[0].campaign_id", "step n1: choose a campaign")]
    [InlineData("""{"id":"n1","type":"delay","for":"P10Y"}""", "steps[0].for", "step n1: at most five years")]
    [InlineData("""{"id":"s","type":"send","campaign_id":"cmp_1","next":"n1"},{"id":"n1","type":"wait_for","event":"clicked","message_of":"s","timeout":"P10Y"}""", "steps[1].timeout", "step n1: at most five years")]
    [InlineData("""{"id":"n1","type":"wait_until","field":"renews","offset":"P10Y"}""", "steps[0].offset", "step n1: at most five years")]
    [InlineData("""{"id":"n1","type":"wait_until","field":"renews","offset":"-P10Y"}""", "steps[0].offset", "step n1: at most five years")]
    [InlineData("""{"id":"n1","type":"exit"},{"id":"n2","type":"delay","for":"PT1H","next":"n3"},{"id":"n3","type":"delay","for":"PT1H","next":"n2"}""", "steps[1]", "step n2: nobody can come here: no step leads to it")]
    [InlineData("""{"id":"n1","type":"condition","test":{"event":"opened","message_of":"n1"},"yes":"n9","no":"n1"}""", "steps[0].yes", "step n1: leads to n9, which does not exist")]
    [InlineData("""{"id":"n1","type":"split","branches":[{"key":"a","weight":1,"next":"n8"},{"key":"b","weight":1}]}""", "steps[0].branches[0].next", "step n1: leads to n8, which does not exist")]
    [InlineData("""{"id":"n1","type":"delay","for":"PT1H","next":"n1"}""", "steps[0]", "step n1: goes round in a circle (n1 → n1): people would never come out")]
    [InlineData("""{"id":"n1","type":"delay","for":"PT1H","next":"n2"},{"id":"n2","type":"delay","for":"PT1H","next":"n1"}""", "steps[1]", "step n2: goes round in a circle (n1 → n2 → n1): people would never come out")]
    [InlineData("""{"id":"n1","type":"exit"},{"id":"n2","type":"exit"}""", "steps[1]", "step n2: nobody can come here: no step leads to it")]
    [InlineData("""{"id":"n1","type":"exit"},{"id":"n1","type":"exit"}""", "steps[1].id", "step n1: another step has the same id")]
    [InlineData("""{"id":"a b","type":"exit"}""", "steps[0].id", "step a b: must have 1 to 64 letters, digits, - and _")]
    [InlineData("""{"type":"exit"}""", "steps[0].id", "required")]
    [InlineData("""{"id":"n1","type":"wait_for","event":"clicked","message_of":"n7","timeout":"P1D"}""", "steps[0].message_of", "step n1: n7 does not exist")]
    [InlineData("""{"id":"n1","type":"wait_for","event":"clicked","message_of":"n1","timeout":"P1D"}""", "steps[0].message_of", "step n1: n1 sends nothing")]
    [InlineData("""{"id":"n1","type":"wait_for","event":"clicked","message_of":"n2","timeout":"P1D","on_event":"n2"},{"id":"n2","type":"send","campaign_id":"cmp_1"}""", "steps[0].message_of", "step n1: n2 does not come before this step")]
    [InlineData("""{"id":"n1","type":"wait_for","event":"opened","link_contains":"x","message_of":"n1","timeout":"P1D"}""", "steps[0].link_contains", "step n1: only clicks have a link")]
    [InlineData("""{"id":"n1","type":"wait_for","event":"deferred","message_of":"n1","timeout":"P1D"}""", "steps[0].event", "step n1: must be one of sent, delivered, opened, clicked, bounced, complained, unsubscribed, replied")]
    [InlineData("""{"id":"n1","type":"condition","yes":null}""", "steps[0].test", "step n1: choose what is asked")]
    [InlineData("""{"id":"n1","type":"split","branches":[{"key":"a","weight":1}]}""", "steps[0].branches", "step n1: at least 2")]
    [InlineData("""{"id":"n1","type":"split","branches":[{"key":"a","weight":1},{"key":"a","weight":0}]}""", "steps[0].branches[1].key", "step n1: another branch has the same key")]
    [InlineData("""{"id":"n1","type":"branch","branches":[{"key":"a","below":50},{"key":"b","below":40}]}""", "steps[0].branches[1].below", "step n1: must be above that of the branch before it")]
    [InlineData("""{"id":"n1","type":"webhook","url":"ftp://x"}""", "steps[0].url", "step n1: must be an absolute http or https URL without user name or password")]
    [InlineData("""{"id":"n1","type":"update_field","value":1}""", "steps[0].field", "step n1: name an attribute")]
    [InlineData("""{"id":"n1","type":"add_to_list"}""", "steps[0].list_id", "step n1: choose a list")]
    [InlineData("", "steps", "a journey needs at least one step")]
    public void What_makes_no_sense_is_named_with_its_step(string steps, string path, string words)
    {
        var faults = JourneyRules.Check(JourneyJson.Read($$"""{"steps":[{{steps}}]}"""));

        Assert.Contains(faults, fault => fault.Path == path && fault.Words == words);
    }

    [Fact]
    public void Waiting_no_time_and_waiting_five_years_is_allowed() =>
        Assert.Empty(JourneyRules.Check(JourneyJson.Read("""{"steps":[{"id":"a","type":"delay","for":"PT0S","next":"b"},{"id":"b","type":"delay","for":"P5Y"}]}""")));

    [Fact]
    public void Two_ways_may_meet_again() =>
        Assert.Empty(JourneyRules.Check(JourneyJson.Read(Reminder)));

    [Fact]
    public void At_most_200_steps()
    {
        string Chain(int steps) => $$"""{"steps":[{{string.Join(",", Enumerable.Range(1, steps).Select(i => $$"""{"id":"n{{i}}","type":"delay","for":"PT1S","next":{{(i == steps ? "null" : $"\"n{i + 1}\"")}}}"""))}}]}""";

        Assert.Empty(JourneyRules.Check(JourneyJson.Read(Chain(200))));
        Assert.Equal("at most 200 steps", Assert.Single(JourneyRules.Check(JourneyJson.Read(Chain(201)))).Error);
    }

    [Theory]
    [InlineData("PT4S", 4)]
    [InlineData("P3D", 259_200)]
    [InlineData("P1W", 604_800)]
    [InlineData("PT0.5S", 0.5)]
    [InlineData("P1Y", 31_536_000)]
    [InlineData("P1M", 2_592_000)]
    [InlineData("PT1M", 60)]
    [InlineData("P1DT2H3M4S", 93_784)]
    [InlineData("PT0S", 0)]
    public void Durations_are_read_and_written(string text, double seconds)
    {
        Assert.True(IsoDuration.TryParse(text, mayBeNegative: false, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
        Assert.True(IsoDuration.TryParse(IsoDuration.Write(duration), mayBeNegative: false, out var again));
        Assert.Equal(duration, again);
    }

    [Theory, InlineData(""), InlineData("P"), InlineData("PT"), InlineData("3D"), InlineData("-P3D"), InlineData("P3"), InlineData("P3H"), InlineData("PT3D"), InlineData("P1.5D"), InlineData("P99999999999D"), InlineData("P3D\n")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(IsoDuration.TryParse(text, mayBeNegative: false, out _));

    private static List<JourneyFault> Unreadable(string json)
    {
        var faults = new List<JourneyFault>();
        using var document = JsonDocument.Parse(json);
        JourneyJson.Read(new JourneyFields(document.RootElement, "", faults), faults);
        return faults;
    }
}
