using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Domains;

/// <summary>Looks a domain over in DNS and keeps what it found. A key whose record is seen begins to sign.</summary>
public sealed class DomainChecks(DnsReader dns, IDbContextFactory<ScoreDb> databases, SigningKeys keys, IOptions<ServerUrls> urls, LiveUpdates live, TimeProvider time)
{
    /// <returns>Null where there is no such domain.</returns>
    public async Task<DomainAnswer?> RunAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.SendingDomains.FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } domain)
        {
            return null;
        }

        var rows = await db.DkimKeys.Where(k => k.DomainId == id).OrderBy(k => k.Id).ToListAsync(cancellationToken);
        var findings = await LookAsync(domain.Domain, rows, cancellationToken);
        var stored = JsonSerializer.Serialize(findings.Select(found => found.Finding), Finding.Json);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await db.SendingDomains.Where(d => d.Id == id).ExecuteUpdateAsync(
            set => set.SetProperty(d => d.CheckedAt, now).SetProperty(d => d.Findings, stored), cancellationToken);
        foreach (var (_, key) in findings.Where(found => found is { Key.Status: DkimKeyStatus.Waiting, Finding.Verdict: Verdicts.Good or Verdicts.Warning, Finding.Found.Count: 1 }))
        {
            // Unless somebody said otherwise meanwhile.
            await db.DkimKeys.Where(k => k.Id == key!.Id && k.Status == DkimKeyStatus.Waiting)
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.Status, DkimKeyStatus.Signing), cancellationToken);
            keys.Refresh();
        }

        live.Signal([LiveTopic.SendingDomains]);
        return await SendingDomains.FindAsync(db, id, cancellationToken);
    }

    // Side by side: against a name server that is silent each look takes its whole time-out.
    private async Task<IReadOnlyList<(Finding Finding, DkimKeyRow? Key)>> LookAsync(string domain, IReadOnlyList<DkimKeyRow> rows, CancellationToken cancellationToken)
    {
        var (inbound, asked) = (urls.Value.InboundDomain.ToLowerInvariant(), rows.Where(row => row.Status != DkimKeyStatus.Off).ToList());
        var dkim = asked.Select(async key => (await DkimCheck.RunAsync(dns, domain, key, cancellationToken), (DkimKeyRow?)key)).ToList();
        List<Task<Finding>> others =
        [
            SpfCheck.RunAsync(dns, domain, cancellationToken),
            DmarcCheck.RunAsync(dns, domain, asked.Count > 0, inbound.Length > 0 ? inbound : domain, cancellationToken),
            HostChecks.MailAsync(dns, domain, cancellationToken),
            HostChecks.TrackingAsync(dns, urls.Value.TrackingBase, cancellationToken),
        ];
        if (inbound.Length > 0)
        {
            others.Insert(3, HostChecks.BouncesAsync(dns, inbound, cancellationToken));
        }

        var keysFound = await Task.WhenAll(dkim);
        var found = await Task.WhenAll(others);
        return
        [
            .. asked.Count == 0 ? [(DkimCheck.WithoutKeys(domain), null)] : keysFound,
            .. found.Select(finding => (finding, (DkimKeyRow?)null)),
        ];
    }
}
