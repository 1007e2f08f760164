using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>The campaigns and lists a rule names.</summary>
public static class SegmentReferences
{
    /// <summary>Every condition of a rule with its place, as <see cref="RuleFault.Path"/> has it.</summary>
    public static IEnumerable<(string Path, SegmentRule Condition)> Conditions(SegmentRule rule, string path) => rule switch
    {
        AllOf all => all.Rules.SelectMany((each, i) => Conditions(each, $"{path}.rules[{i}]")),
        AnyOf any => any.Rules.SelectMany((each, i) => Conditions(each, $"{path}.rules[{i}]")),
        NoneOf none => Conditions(none.Rule, $"{path}.rule"),
        _ => [(path, rule)],
    };

    /// <summary>What they are called.</summary>
    public static async Task<SegmentNames> NamesAsync(ScoreDb db, IEnumerable<SegmentRule> rules, CancellationToken cancellationToken)
    {
        var conditions = rules.SelectMany(rule => Conditions(rule, "")).Select(found => found.Condition).ToList();
        var campaigns = conditions.OfType<EventRule>().Select(happened => happened.CampaignId ?? 0).Where(id => id != 0).Distinct().ToList();
        var lists = conditions.OfType<ListRule>().Select(list => list.ListId).Distinct().ToList();
        return new SegmentNames(
            campaigns.Count == 0 ? SegmentNames.None.Campaigns : await db.Campaigns.Where(c => campaigns.Contains(c.Id)).ToDictionaryAsync(c => c.Id, c => c.Name, cancellationToken),
            lists.Count == 0 ? SegmentNames.None.Lists : await db.Lists.Where(l => lists.Contains(l.Id)).ToDictionaryAsync(l => l.Id, l => l.Name, cancellationToken));
    }

    /// <summary>Notes every campaign and list of a rule that does not exist.</summary>
    /// <returns>What the others are called.</returns>
    public static async Task<SegmentNames> CheckAsync(ScoreDb db, SegmentRule rule, string path, List<RuleFault> faults, CancellationToken cancellationToken)
    {
        var names = await NamesAsync(db, [rule], cancellationToken);
        foreach (var (place, condition) in Conditions(rule, path))
        {
            if (condition is EventRule { CampaignId: { } campaign } && !names.Campaigns.ContainsKey(campaign))
            {
                faults.Add(new RuleFault($"{place}.campaign_id", "there is no such campaign"));
            }

            if (condition is ListRule list && !names.Lists.ContainsKey(list.ListId))
            {
                faults.Add(new RuleFault($"{place}.list", "there is no such list"));
            }
        }

        return names;
    }
}
