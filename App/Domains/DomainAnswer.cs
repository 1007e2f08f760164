using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Domains;

/// <summary>A sending domain as the API shows it.</summary>
/// <param name="CheckedAt">When DNS was last asked; null before.</param>
/// <param name="Findings">What it said, in the order to read them.</param>
public sealed record DomainAnswer(
    string Id, string Domain, DateTimeOffset CreatedAt, IReadOnlyList<KeyAnswer> Keys, DateTimeOffset? CheckedAt, IReadOnlyList<Finding> Findings)
{
    internal static DomainAnswer Of(SendingDomain stored, IEnumerable<DkimKeyRow> keys) => new(
        PublicId.SendingDomain(stored.Id),
        stored.Domain,
        stored.CreatedAt,
        [.. keys.OrderBy(key => key.Id).Select(key => KeyAnswer.Of(stored.Domain, key))],
        StoredTime.OrNull(stored.CheckedAt),
        JsonSerializer.Deserialize<IReadOnlyList<Finding>>(stored.Findings, Finding.Json)!);
}

/// <summary>A DKIM key: what to publish, never the private half.</summary>
/// <param name="Algorithm">rsa or ed25519.</param>
/// <param name="Status">waiting, signing or off.</param>
/// <param name="DnsName">Where the TXT record belongs.</param>
/// <param name="DnsRecord">The TXT record in one piece; zone files want it split into strings of at most 255 characters.</param>
public sealed record KeyAnswer(string Selector, string Algorithm, string Status, string DnsName, string DnsRecord, DateTimeOffset CreatedAt)
{
    internal static KeyAnswer Of(string domain, DkimKeyRow stored) =>
        new(stored.Selector, stored.Algorithm, stored.Status, $"{stored.Selector}._domainkey.{domain}", stored.Record, stored.CreatedAt);
}
