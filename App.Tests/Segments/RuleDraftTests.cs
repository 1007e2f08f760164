using System.Text.Json;
using ScoreTracking.Segments;
using ScoreTracking.Segments.Editing;

namespace ScoreTracking.Tests.Segments;

/// <summary>What the editor reads and writes.</summary>
public sealed class RuleDraftTests
{
    [Theory]
    [InlineData("""{"op":"and","rules":[{"event":"opened","done":true,"within_days":30}]}""")]
    [InlineData("""{"op":"or","rules":[{"event":"clicked","done":false,"within":"PT30M","campaign_id":"cmp_7","link_contains":"/a?b=1","at_least":3},{"event":"sent","done":true}]}""")]
    [InlineData("""{"op":"and","rules":[{"field":"engagement_score","op":"between","value":[10,50.5]},{"field":"suppressed","op":"eq","value":false},{"field":"customer_id","op":"eq","value":"007"}]}""")]
    [InlineData("""{"op":"and","rules":[{"field":"attributes.plan","op":"eq","value":"12"},{"field":"attributes.age","op":"gte","value":18},{"field":"attributes.since","op":"gt","value":"2026-01-31"},{"field":"attributes.x","op":"not_set"}]}""")]
    [InlineData("""{"op":"not","rule":{"op":"or","rules":[{"list":"lst_1","in":true},{"list":"lst_2","in":false}]}}""")]
    [InlineData("""{"op":"not","rule":{"op":"and","rules":[{"list":"lst_1","in":true},{"list":"lst_2","in":true}]}}""")]
    [InlineData("""{"op":"and","rules":[{"op":"not","rule":{"list":"lst_1","in":true}},{"op":"or","rules":[{"field":"email","op":"ends_with","value":"<b>\"@example.com"},{"event":"replied","done":true,"within_days":730}]}]}""")]
    public void What_is_opened_and_not_touched_means_the_same(string rule)
    {
        var written = RuleDraft.Read(rule).Write("rule").ToJsonString();

        Assert.Equal(Canonical(rule), Canonical(written));
        Assert.Equal(Canonical(rule), Canonical(RuleDraft.Read(written).Write("rule").ToJsonString()));
    }

    [Theory]
    [InlineData("18", "18")]
    [InlineData("-3.5", "-3.5")]
    [InlineData("0.5", "0.5")]
    [InlineData("0", "0")]
    [InlineData("007", "\"007\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData(" Lisbon ", "\"Lisbon\"")]
    [InlineData("2026-12-31", "\"2026-12-31\"")]
    public void What_is_typed_for_an_attribute_is_a_number_where_it_reads_like_one(string typed, string expected)
    {
        var field = new FieldDraft();
        field.Choose("attributes.age");
        field.Type(typed, upper: false);

        Assert.Equal(expected, field.Write("rule")["value"]!.ToJsonString());
    }

    [Fact]
    public void What_is_missing_is_told_by_its_place()
    {
        var group = new GroupDraft { Rules = { new ListDraft(), new EventDraft { Amount = "" }, new FieldDraft(), new GroupDraft() } };
        var faults = new List<RuleFault>();

        SegmentDraft.Read(group.Write("rule").ToJsonString(), faults);
        var scope = new RuleScope(RuleChoices.None, faults, () => Task.CompletedTask);

        Assert.Equal(
            ["Choose a list.", "Say how long: a whole number from 1, up to a century.", "Say what to compare with.", "Nothing in here yet: add a condition."],
            group.Rules.Select(scope.FaultOf));
        Assert.Null(scope.FaultOf(new ListDraft { List = "lst_1" }));
    }

    private static string Canonical(string json)
    {
        var faults = new List<RuleFault>();
        using var document = JsonDocument.Parse(json, SegmentRuleJson.Document);
        var rule = SegmentRuleJson.Read(document.RootElement, "rule", faults);
        Assert.True(rule is not null, string.Join("; ", faults));
        return SegmentRuleJson.Write(rule);
    }
}
