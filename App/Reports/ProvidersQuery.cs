using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Experiments;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>The figures of the messages to one mailbox provider.</summary>
public sealed record ProviderRow : Figures
{
    [SetsRequiredMembers]
    internal ProviderRow(Figures figures, string provider, bool isLowDelivery, ComplaintLevel complaintLevel, Ratio delivery) : base(figures)
    {
        Provider = provider;
        Delivery = delivery;
        IsLowDelivery = isLowDelivery;
        ComplaintLevel = complaintLevel;
    }

    /// <summary>By the domain of the address; "Other" for a domain that is none of theirs.</summary>
    public string Provider { get; }

    /// <summary>Delivered of sent; no rate where nobody reports deliveries.</summary>
    public Ratio Delivery { get; }

    /// <summary>What deserves a look: low_delivery, raised_complaints, high_complaints.</summary>
    public IEnumerable<string> Warnings
    {
        get
        {
            if (IsLowDelivery)
            {
                yield return "low_delivery";
            }

            if (ComplaintLevel != ComplaintLevel.Usual)
            {
                yield return ComplaintLevel == ComplaintLevel.High ? "high_complaints" : "raised_complaints";
            }
        }
    }

    internal bool IsLowDelivery { get; }
    internal ComplaintLevel ComplaintLevel { get; }
}

public static class ProvidersQuery
{
    private const string Statement = """
        SELECT dimension, key, type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension IN ($provider, $bounce) AND (total <> 0 OR uniq <> 0)
        """;

    /// <summary>The same for whoever watches.</summary>
    public static LiveQuery<IReadOnlyList<ProviderRow>> Live(long campaignId, ReportView view) => new(
        LiveTopic.Campaign(campaignId), ("providers", view), (db, token) => RunAsync(db, campaignId, view, token));

    /// <summary>Most sent first, "Other" last; empty for an unknown campaign.</summary>
    public static async Task<IReadOnlyList<ProviderRow>> RunAsync(ScoreDb db, long campaignId, ReportView view, CancellationToken cancellationToken)
    {
        var tallies = new Dictionary<long, FigureTally>();
        await Sql.ReadAsync(
            db,
            Statement,
            [("$campaign", campaignId), ("$provider", Dimension.Provider.Name), ("$bounce", Dimension.ProviderBounce.Name)],
            row =>
            {
                var key = long.Parse(row.GetString(1), CultureInfo.InvariantCulture);
                if (row.GetString(0) == Dimension.ProviderBounce.Name)
                {
                    var (provider, kind) = Dimension.ReadProviderBounce(key);
                    Of(provider).AddBounced(kind, row.GetInt64(5));
                }
                else
                {
                    Of(key).Add((EventType)row.GetInt32(2), (VerdictGroup)row.GetInt32(3), row.GetInt64(4), row.GetInt64(5));
                }
            },
            cancellationToken);

        var knowsDeliveries = tallies.Values.Any(tally => tally.HasDeliveries);
        var (sent, delivered) = (tallies.Values.Sum(Sent), tallies.Values.Sum(Delivered));
        return
        [
            .. tallies
                .OrderBy(tally => MailboxProvider.Find(tally.Key) == MailboxProvider.Other)
                .ThenByDescending(tally => Sent(tally.Value))
                .ThenBy(tally => tally.Key)
                .Select(tally => Row(MailboxProvider.Find(tally.Key), tally.Value)),
        ];

        FigureTally Of(long provider)
        {
            // A number of a later release reads as Other, beside which it must not be a second row.
            var known = MailboxProvider.Find(provider).Number;
            return tallies.TryGetValue(known, out var tally) ? tally : tallies[known] = new FigureTally();
        }

        ProviderRow Row(MailboxProvider provider, FigureTally tally)
        {
            var figures = tally.ToFigures(view, knowsDeliveries);
            var (own, arrived) = (Sent(tally), Delivered(tally));
            return new ProviderRow(
                figures,
                provider.Name,
                knowsDeliveries && ProviderRules.IsLowDelivery(arrived, own, delivered - arrived, sent - own),
                ProviderRules.Complaints(figures.Rates.Complaint),
                new Ratio(arrived, knowsDeliveries ? own : null));
        }
    }

    private static long Sent(FigureTally tally) => tally.Unique(EventType.Sent);

    private static long Delivered(FigureTally tally) => tally.Unique(EventType.Delivered);
}
