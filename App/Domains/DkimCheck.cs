using System.Security.Cryptography;
using ScoreTracking.Data;

namespace ScoreTracking.Domains;

/// <summary>Whether DNS has the key mail is signed with.</summary>
internal static class DkimCheck
{
    private const int GoodRsaBits = 2048;

    public static async Task<Finding> RunAsync(DnsReader dns, string domain, DkimKeyRow key, CancellationToken cancellationToken)
    {
        var name = $"{key.Selector}._domainkey.{domain}";
        var answer = await dns.TextAsync(name, cancellationToken);
        if (!answer.Answered)
        {
            return Words.Silence("dkim", name) with { Expected = key.Record };
        }

        var (verdict, text) = Judge(key, answer.Values);
        return new Finding("dkim", verdict, text, name, key.Record, answer.Values);
    }

    /// <summary>Where we sign nothing.</summary>
    public static Finding WithoutKeys(string domain) => new("dkim", Verdicts.Warning,
        $"No key here signs mail from {domain}. That is fine only where the server you hand mail to signs it in the name of this domain; otherwise add a key.", domain, null, []);

    private static (string Verdict, string Text) Judge(DkimKeyRow key, IReadOnlyList<string> records)
    {
        var signs = key.Status == DkimKeyStatus.Signing;
        if (records.Count == 0)
        {
            return signs
                ? (Verdicts.Bad, $"Mail is signed with {key.Selector}, but DNS has no such record: receivers take the signature as broken. Publish the record, or let the key rest.")
                : (Verdicts.Warning, $"The record of {key.Selector} is not published yet. Mail is signed with it from the moment it is seen here.");
        }

        if (records.Count > 1)
        {
            return (Verdicts.Bad, $"There are {records.Count} records where there must be one: receivers may take any of them. Remove all but the one below.");
        }

        if (TagList.Read(records[0]) is not { } tags || !tags.TryGetValue("p", out var published))
        {
            return (Verdicts.Bad, "What is published there is no DKIM key. Replace it by the record below.");
        }

        var wanted = TagList.Read(key.Record)!;
        if (published.Length == 0)
        {
            return (Verdicts.Bad, "The key is revoked: its record says p= and nothing behind it. Publish the record below, or make a new key.");
        }

        if (string.Concat(published.Where(letter => !char.IsWhiteSpace(letter))) != wanted["p"] || tags.GetValueOrDefault("k", "rsa") != wanted["k"])
        {
            return (Verdicts.Bad, "Another key is published there than mail is signed with. Replace it by the record below; a record cut off at 255 characters looks like this too.");
        }

        if (tags.GetValueOrDefault("t", "").Split(':').Contains("y"))
        {
            return (Verdicts.Warning, "The key is published and marked as a test (t=y): receivers may treat its mail as unsigned. Take that mark away.");
        }

        return RsaBits(wanted) is { } bits and < GoodRsaBits
            ? (Verdicts.Warning, $"The key is published, with {bits} bits only. Make one of {GoodRsaBits}: receivers begin to refuse shorter ones.")
            : (Verdicts.Good, "The key is published, and mail is signed with it.");
    }

    private static int? RsaBits(Dictionary<string, string> record)
    {
        if (record["k"] != "rsa")
        {
            return null;
        }

        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(record["p"]), out _);
        return rsa.KeySize;
    }
}
