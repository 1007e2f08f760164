using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Domains;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>Looks a campaign over before it goes out: nothing is fetched, DNS is not asked anew.</summary>
internal sealed class SendCheckQuery(CampaignContents contents, IOptions<ServerUrls> urls)
{
    // The worst first.
    private static readonly string[] s_order = [Verdicts.Bad, Verdicts.Warning, Verdicts.Unknown, Verdicts.Good];

    /// <returns>Null when there is no such campaign.</returns>
    public async Task<SendCheckAnswer?> RunAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        if (await db.Campaigns.FirstOrDefaultAsync(c => c.Id == id, cancellationToken) is not { } campaign)
        {
            return null;
        }

        var test = CampaignJson.AbTest(campaign);
        var findings = new List<SendFinding>();
        var htmls = new List<CheckedHtml>();
        foreach (var html in Values("html", campaign.Html).Where(html => html.Length > 0))
        {
            if (contents.TryRead(html, "", out var error) is { } template)
            {
                htmls.Add(CheckedHtml.Read(html, template, urls.Value.TrackingBase));
            }
            else
            {
                findings.Add(new SendFinding("links", Verdicts.Bad, $"The HTML {error}."));
            }
        }

        findings.AddRange(SendCheckRules.Run(new CheckedMail(
            campaign.Delivery == "smtp", campaign.FromEmail, Values("from_name", campaign.FromName), campaign.ReplyTo, Values("subject", campaign.Subject),
            Values("preheader", campaign.Preheader), htmls, campaign.PlainText, await DomainAsync(db, campaign.FromEmail, cancellationToken), urls.Value.TrackingBase)
        {
            Fields = await MissingFieldsQuery.RunAsync(db, id, Needed(), cancellationToken),
        }));
        var sorted = findings.OrderBy(finding => Array.IndexOf(s_order, finding.Verdict)).ToList();
        return new SendCheckAnswer(sorted[0].Verdict, sorted);

        List<string> Needed() => [.. MailExample
            .UsesOf([.. Values("subject", campaign.Subject), .. Values("preheader", campaign.Preheader), .. Values("html", campaign.Html), campaign.PlainText])
            .Where(use => use.IsNeeded).Select(use => use.Name)];

        List<string> Values(string field, string without) =>
            test?.Factors?.FirstOrDefault(factor => factor.Field == field) is { Levels: { } levels } ? [.. levels.Select(level => level.Value ?? "")] : [without];
    }

    private static async Task<DomainAnswer?> DomainAsync(ScoreDb db, string fromEmail, CancellationToken cancellationToken)
    {
        if (DomainName.Of(fromEmail) is not { } domain)
        {
            return null;
        }

        var names = DomainName.AndAbove(domain).ToList();
        var stored = await db.SendingDomains.Where(d => names.Contains(d.Domain)).Select(d => new { d.Id, d.Domain }).ToListAsync(cancellationToken);
        return stored.MaxBy(known => known.Domain.Length) is { } closest ? await SendingDomains.FindAsync(db, closest.Id, cancellationToken) : null;
    }
}
