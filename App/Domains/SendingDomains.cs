using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Mail;

namespace ScoreTracking.Domains;

/// <summary>What came of a change: the domain, errors by field, a state that forbids it, or none of these where there is no such domain or key.</summary>
public sealed record DomainOutcome(DomainAnswer? Domain, IReadOnlyDictionary<string, string[]> Errors, string? Conflict = null)
{
    private static readonly Dictionary<string, string[]> s_none = [];

    public static DomainOutcome Missing { get; } = new(null, s_none);

    internal static DomainOutcome Of(DomainAnswer domain) => new(domain, s_none);

    internal static DomainOutcome Refuse(string field, string error) => new(null, new Dictionary<string, string[]> { [field] = [error] });

    internal static DomainOutcome Forbid(string conflict) => new(null, s_none, conflict);
}

/// <summary>Making and changing sending domains and their keys, for the API and for pages.</summary>
public sealed class SendingDomains(IDbContextFactory<ScoreDb> databases, SigningKeys keys, LiveUpdates live, TimeProvider time)
{
    public const int MaxDomains = 200;
    public const int MaxKeys = 10;
    private const int MaxPrivateKey = 10_000;
    private const int RsaBits = 2048;

    public async Task<DomainOutcome> CreateAsync(DomainBody body, CancellationToken cancellationToken)
    {
        if (DomainName.Read(body.Domain) is not { } domain)
        {
            return DomainOutcome.Refuse("domain", body.Domain is null ? "required" : "must be a domain such as news.example.com");
        }

        if (body.Keys is { Count: > MaxKeys })
        {
            return DomainOutcome.Refuse("keys", $"more than {MaxKeys}");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.SendingDomains.AnyAsync(d => d.Domain == domain, cancellationToken))
        {
            return DomainOutcome.Forbid($"{domain} is among the sending domains already.");
        }

        if (await db.SendingDomains.CountAsync(cancellationToken) >= MaxDomains)
        {
            return DomainOutcome.Refuse("domain", $"this server keeps at most {MaxDomains}");
        }

        var rows = new List<DkimKeyRow>();
        var wanted = body.Keys ?? [new KeyBody()];
        for (var at = 0; at < wanted.Count; at++)
        {
            if (TryMake(domain, wanted[at] ?? new KeyBody(), rows, $"keys[{at}].", out var refused) is not { } row)
            {
                return refused!;
            }

            rows.Add(row);
        }

        var stored = new SendingDomain { Domain = domain, CreatedAt = time.GetUtcNow() };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        db.SendingDomains.Add(stored);
        await db.SaveChangesAsync(cancellationToken);
        rows.ForEach(row => row.DomainId = stored.Id);
        db.DkimKeys.AddRange(rows);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Changed();
        return DomainOutcome.Of(DomainAnswer.Of(stored, rows));
    }

    public async Task<DomainOutcome> AddKeyAsync(long id, KeyBody body, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.SendingDomains.FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } stored)
        {
            return DomainOutcome.Missing;
        }

        var rows = await db.DkimKeys.Where(k => k.DomainId == id).ToListAsync(cancellationToken);
        if (rows.Count >= MaxKeys)
        {
            return DomainOutcome.Forbid($"{stored.Domain} has {MaxKeys} keys: remove one that signs nothing any more.");
        }

        if (TryMake(stored.Domain, body, rows, "", out var refused) is not { } row)
        {
            return refused!;
        }

        row.DomainId = id;
        db.DkimKeys.Add(row);
        await db.SaveChangesAsync(cancellationToken);
        Changed();
        return DomainOutcome.Of(DomainAnswer.Of(stored, [.. rows, row]));
    }

    /// <param name="status">One of <see cref="DkimKeyStatus"/>.</param>
    public async Task<DomainOutcome> ChangeKeyAsync(long id, string selector, string status, CancellationToken cancellationToken)
    {
        if (!DkimKeyStatus.All.Contains(status))
        {
            return DomainOutcome.Refuse("status", $"must be one of {string.Join(", ", DkimKeyStatus.All)}");
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var changed = await db.DkimKeys.Where(k => k.DomainId == id && k.Selector == selector)
            .ExecuteUpdateAsync(set => set.SetProperty(k => k.Status, status), cancellationToken);
        Changed();
        return changed > 0 && await FindAsync(db, id, cancellationToken) is { } answer ? DomainOutcome.Of(answer) : DomainOutcome.Missing;
    }

    /// <returns>False where there is none.</returns>
    public async Task<bool> RemoveKeyAsync(long id, string selector, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.DkimKeys.Where(k => k.DomainId == id && k.Selector == selector).ExecuteDeleteAsync(cancellationToken);
        Changed();
        return removed > 0;
    }

    /// <summary>Removes a domain and its keys.</summary>
    /// <returns>False where there is none.</returns>
    public async Task<bool> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.SendingDomains.Where(d => d.Id == id).ExecuteDeleteAsync(cancellationToken);
        Changed();
        return removed > 0;
    }

    public static async Task<DomainAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.SendingDomains.FirstOrDefaultAsync(d => d.Id == id, cancellationToken) is { } stored
            ? DomainAnswer.Of(stored, await db.DkimKeys.Where(k => k.DomainId == id).ToListAsync(cancellationToken))
            : null;

    public static async Task<IReadOnlyList<DomainAnswer>> ListAsync(ScoreDb db, long after, int limit, CancellationToken cancellationToken)
    {
        var stored = await db.SendingDomains.Where(d => d.Id > after).OrderBy(d => d.Id).Take(limit).ToListAsync(cancellationToken);
        var ids = stored.Select(domain => domain.Id).ToList();
        var rows = (await db.DkimKeys.Where(k => ids.Contains(k.DomainId)).ToListAsync(cancellationToken)).ToLookup(row => row.DomainId);
        return [.. stored.Select(domain => DomainAnswer.Of(domain, rows[domain.Id]))];
    }

    private DkimKeyRow? TryMake(string domain, KeyBody body, List<DkimKeyRow> others, string path, out DomainOutcome? refused)
    {
        refused = null;
        var selector = body.Selector is null ? NextSelector(others) : DomainName.Selector(body.Selector);
        if (selector is null || others.Any(other => other.Selector == selector))
        {
            refused = DomainOutcome.Refuse($"{path}selector", selector is null ? "must be letters, digits and hyphens, such as st1" : "is taken by another key of this domain");
            return null;
        }

        if (body.Algorithm is not (null or "rsa" or "ed25519"))
        {
            refused = DomainOutcome.Refuse($"{path}algorithm", "must be rsa or ed25519");
            return null;
        }

        if (body.Status is { } status && !DkimKeyStatus.All.Contains(status))
        {
            refused = DomainOutcome.Refuse($"{path}status", $"must be one of {string.Join(", ", DkimKeyStatus.All)}");
            return null;
        }

        if (body.PrivateKey is { Length: 0 or > MaxPrivateKey })
        {
            refused = DomainOutcome.Refuse($"{path}private_key", $"must have 1 to {MaxPrivateKey} characters");
            return null;
        }

        try
        {
            var privateKey = body.PrivateKey ?? NewKey(body.Algorithm);
            using var signer = new DkimSigner(domain, selector, privateKey);
            if (body.Algorithm is { } algorithm && algorithm != signer.Algorithm)
            {
                refused = DomainOutcome.Refuse($"{path}algorithm", $"the key is {signer.Algorithm}");
                return null;
            }

            return new DkimKeyRow
            {
                Selector = selector,
                Algorithm = signer.Algorithm,
                Record = signer.DnsRecord,
                PrivateKey = keys.Protect(privateKey),
                Status = body.Status ?? DkimKeyStatus.Waiting,
                CreatedAt = time.GetUtcNow(),
            };
        }
        catch (FormatException exception)
        {
            refused = DomainOutcome.Refuse($"{path}private_key", exception.Message);
            return null;
        }
    }

    private static string NextSelector(List<DkimKeyRow> others) =>
        Enumerable.Range(1, MaxKeys + 1).Select(number => $"st{number}").First(selector => others.All(other => other.Selector != selector));

    private static string NewKey(string? algorithm)
    {
        if (algorithm == "ed25519")
        {
            return Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        }

        using var rsa = RSA.Create(RsaBits);
        return rsa.ExportPkcs8PrivateKeyPem();
    }

    private void Changed()
    {
        keys.Refresh();
        live.Signal([LiveTopic.SendingDomains]);
    }
}
