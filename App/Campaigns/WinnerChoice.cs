using Microsoft.EntityFrameworkCore;
using ScoreTracking.Components;
using ScoreTracking.Data;
using ScoreTracking.Experiments;
using ScoreTracking.Live;

namespace ScoreTracking.Campaigns;

/// <param name="VariantId">Level keys joined by dots, as the campaign lists its variants.</param>
public sealed record WinnerChoiceBody(string? VariantId = null);

/// <summary>A person's choice of the variant everybody else gets, whatever the numbers say.</summary>
public sealed class WinnerChoice(IDbContextFactory<ScoreDb> databases, CampaignLocks locks, LiveUpdates live, TimeProvider clock)
{
    /// <summary>Chooses once and for all. The rest is dealt within seconds, of a paused campaign once it is resumed.</summary>
    public async Task<Outcome<CampaignAnswer>> SelectAsync(long id, string? variantId, CancellationToken cancellationToken)
    {
        using var held = await locks.HoldAsync(id, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await TestRow.ReadAsync(db, id, cancellationToken) is not { } row)
        {
            return new Refusal.Missing("campaign");
        }

        if (TestPlan.Read(row.AbTest) is not { } plan)
        {
            return new Refusal.State("The campaign has no test.");
        }

        var counts = (await TestCounts.ReadAsync(db, id, cancellationToken))!;
        if (counts.Variants.FirstOrDefault(variant => variant.Variant.Key == variantId) is not { } chosen)
        {
            return new Refusal.Faults("variant_id", variantId is null ? "required" : $"must be one of {string.Join(", ", counts.Variants.Select(variant => variant.Variant.Key))}");
        }

        if (row.Winner >= 0)
        {
            return new Refusal.State($"The winner is chosen already: {counts.Outcome?.VariantId}.");
        }

        if (row.Status is not (CampaignStatus.Testing or CampaignStatus.Running or CampaignStatus.Paused))
        {
            return new Refusal.State($"The campaign is {row.Status}: there is nobody to send a winner to.");
        }

        var standing = counts.Stand(plan.Metric).Standings[chosen.Variant.Position];
        var outcome = TestDecision.Of(
            counts, plan, variantId, TestOutcome.Person,
            $"Chosen by hand; {variantId} was the best with a probability of {Numerals.Chance(standing.PBest)}.", clock.GetUtcNow());
        await TestDecision.KeepAsync(db, id, chosen.Variant.Position, outcome, cancellationToken);
        live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);
        return (await CampaignQuery.FindAsync(db, id, cancellationToken))!;
    }
}
