using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Mail;

namespace ScoreTracking.Domains;

/// <summary>The keys mail is signed with, in memory: every mail asks for them.</summary>
public sealed partial class SigningKeys(IDbContextFactory<ScoreDb> databases, IDataProtectionProvider protection, ILogger<SigningKeys> logger) : IDisposable
{
    private static readonly IReadOnlyList<DkimSigner> s_none = [];

    private readonly IDataProtector _protector = protection.CreateProtector("dkim");
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Dictionary<string, IReadOnlyList<DkimSigner>>? _byDomain;

    /// <summary>
    /// The keys that sign for an address: those of its domain, or of the closest domain above it that has some, which DMARC takes as its
    /// own unless that domain asks for strict alignment. Empty where nothing is signed.
    /// </summary>
    public async ValueTask<IReadOnlyList<DkimSigner>> ForAsync(string fromAddress, CancellationToken cancellationToken)
    {
        var keys = _byDomain ?? await LoadAsync(cancellationToken);
        if (keys.Count == 0 || DomainName.Of(fromAddress) is not { } domain)
        {
            return s_none;
        }

        foreach (var candidate in DomainName.AndAbove(domain))
        {
            if (keys.TryGetValue(candidate, out var found))
            {
                return found;
            }
        }

        return s_none;
    }

    /// <summary>Forgets what is in memory, after a change. Signers that are out are used to their end.</summary>
    public void Refresh() => _byDomain = null;

    public void Dispose() => _loading.Dispose();

    internal string Protect(string privateKey) => _protector.Protect(privateKey);

    private async Task<Dictionary<string, IReadOnlyList<DkimSigner>>> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_byDomain is { } loaded)
            {
                return loaded;
            }

            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var stored = await db.DkimKeys.Where(key => key.Status == DkimKeyStatus.Signing)
                .Join(db.SendingDomains, key => key.DomainId, domain => domain.Id, (key, domain) => new { domain.Domain, key.Id, key.Selector, key.PrivateKey })
                .OrderBy(key => key.Id)
                .ToListAsync(cancellationToken);
            var signers = new Dictionary<string, IReadOnlyList<DkimSigner>>(StringComparer.Ordinal);
            foreach (var domain in stored.GroupBy(key => key.Domain))
            {
                signers[domain.Key] = [.. domain.Select(key => Open(key.Domain, key.Selector, key.PrivateKey)).OfType<DkimSigner>()];
            }

            return _byDomain = signers;
        }
        finally
        {
            _loading.Release();
        }
    }

    // Mail without a signature may arrive; mail that is not sent does not.
    private DkimSigner? Open(string domain, string selector, string privateKey)
    {
        try
        {
            return new DkimSigner(domain, selector, _protector.Unprotect(privateKey));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            LogUnreadable(exception, selector, domain);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The DKIM key {Selector} of {Domain} cannot be decrypted, and its mail goes out without that signature. Make or import a new one.")]
    private partial void LogUnreadable(Exception exception, string selector, string domain);
}
