namespace ScoreTracking.Domains;

/// <summary>What receivers are to do with mail that carries the domain in From and is not from it, and whether ours would be taken for such (RFC 7489).</summary>
internal static class DmarcCheck
{
    private const string Version = "v=DMARC1";

    /// <param name="signs">Whether one of our keys signs mail of the domain.</param>
    /// <param name="bounceDomain">Where bounces of our mail go: the envelope's domain, which SPF is asked for.</param>
    public static async Task<Finding> RunAsync(DnsReader dns, string domain, bool signs, string bounceDomain, CancellationToken cancellationToken)
    {
        var own = $"_dmarc.{domain}";
        foreach (var at in DomainName.AndAbove(domain))
        {
            var answer = await dns.TextAsync($"_dmarc.{at}", cancellationToken);
            if (!answer.Answered)
            {
                return Words.Silence("dmarc", $"_dmarc.{at}");
            }

            List<string> records = [.. answer.Values.Where(text => text.StartsWith(Version, StringComparison.OrdinalIgnoreCase))];
            if (records.Count > 0)
            {
                var (verdict, text) = Judge(records, domain, at, signs, bounceDomain);
                return new Finding("dmarc", verdict, text, $"_dmarc.{at}", null, records);
            }
        }

        return new Finding("dmarc", Verdicts.Bad,
            $"{domain} has no DMARC record. Gmail and Yahoo ask for one of everybody who sends much. Begin with the record below, which changes nothing for anybody; add “rua=mailto:…” to get reports.",
            own, $"{Version}; p=none", []);
    }

    private static (string Verdict, string Text) Judge(List<string> records, string domain, string at, bool signs, string bounceDomain)
    {
        if (records.Count > 1)
        {
            return (Verdicts.Bad, $"There are {records.Count} DMARC records where there must be one: receivers go by none. Remove all but one.");
        }

        var tags = TagList.Read(records[0]);
        var policy = (at == domain ? null : tags?.GetValueOrDefault("sp")) ?? tags?.GetValueOrDefault("p");
        if (policy?.ToLowerInvariant() is not ("none" or "quarantine" or "reject"))
        {
            return (Verdicts.Bad, "The DMARC record cannot be read: it needs p=none, p=quarantine or p=reject.");
        }

        // Whose organization a domain is part of is said by a list nobody publishes in DNS; the domain with the record stands for it.
        var strict = string.Equals(tags!.GetValueOrDefault("aspf"), "s", StringComparison.OrdinalIgnoreCase);
        var alignsBySpf = bounceDomain == domain || (!strict && (bounceDomain == at || bounceDomain.EndsWith($".{at}", StringComparison.Ordinal)));
        var inherited = at == domain ? "" : $" It is that of {at}.";
        if (!signs && !alignsBySpf)
        {
            return (Verdicts.Bad, $"Mail from {domain} would not pass DMARC: no key here signs it, and its bounces go to {bounceDomain}, which is not of the same domain. Add a DKIM key.{inherited}");
        }

        return (Verdicts.Good, policy.ToLowerInvariant() switch
        {
            "none" => $"The DMARC record asks receivers to do nothing about mail that is not from you. Once reports show that all of yours passes, go on to p=quarantine.{inherited}",
            "quarantine" => $"The DMARC record asks receivers to put mail that is not from you into the spam folder.{inherited}",
            _ => $"The DMARC record asks receivers to refuse mail that is not from you.{inherited}",
        } + (signs ? "" : " Mail from here passes by SPF alone, which breaks where mail is forwarded: add a DKIM key."));
    }
}
