using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports.Shares;

/// <summary>What came of making or changing a link: the link with its secret, or errors by field. Both null: too many passwords are being hashed, try again in a few seconds.</summary>
/// <param name="Token">Only where it was just made.</param>
internal sealed record ShareOutcome(Share? Share, string? Token, Dictionary<string, string[]>? Errors)
{
    public static ShareOutcome Busy { get; } = new(null, null, null);

    public static ShareOutcome Failed(Dictionary<string, string[]> errors) => new(null, null, errors);
}

/// <summary>Makes, lists, changes and revokes share links, and finds the one an address names.</summary>
internal sealed partial class ShareLinks(
    IDbContextFactory<ScoreDb> databases, IPasswordHasher<User> hasher, PasswordHashing turns, ShareViews views, TimeProvider clock, ILogger<ShareLinks> log)
{
    /// <summary>How long a link holds where nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(30);

    /// <summary>A link nobody remembers should not hold for ever.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);

    /// <summary>Links of one campaign that hold at the same time.</summary>
    public const int MaxOpen = 100;
    public const int MinPassword = 8;

    private static readonly User s_nobody = new();

    /// <summary>Makes a link that works at once.</summary>
    /// <param name="expiresAt">Null for <see cref="DefaultLifetime"/>.</param>
    /// <param name="password">Null or "" for none.</param>
    /// <param name="userId">Who makes it; 0 for an API key.</param>
    public async Task<ShareOutcome> CreateAsync(long campaignId, DateTimeOffset? expiresAt, string? password, long userId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var expires = expiresAt ?? now + DefaultLifetime;
        if (Errors(expires, password, now) is { } errors)
        {
            return ShareOutcome.Failed(errors);
        }

        if (await HashAsync(password, cancellationToken) is not { } passwordHash)
        {
            return ShareOutcome.Busy;
        }

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Campaigns.AnyAsync(campaign => campaign.Id == campaignId, cancellationToken))
        {
            return ShareOutcome.Failed(new() { ["campaign_id"] = ["there is no such campaign"] });
        }

        if (await db.Shares.CountAsync(share => share.CampaignId == campaignId && share.RevokedAt == 0 && share.ExpiresAt > now, cancellationToken) >= MaxOpen)
        {
            return ShareOutcome.Failed(new() { ["campaign_id"] = [$"has {MaxOpen} links that hold: revoke some first"] });
        }

        var token = ShareToken.Create();
        var share = new Share
        {
            CampaignId = campaignId,
            TokenHash = ShareToken.Hash(token),
            PasswordHash = passwordHash,
            CreatedBy = userId,
            CreatedAt = now,
            ExpiresAt = expires,
        };
        db.Shares.Add(share);
        await db.SaveChangesAsync(cancellationToken);
        Created(share.Id, campaignId, userId);
        return new ShareOutcome(share, token, null);
    }

    /// <summary>Sets another end or another password; null leaves one as it is, "" takes the password away. A new password locks out who knew the old.</summary>
    /// <returns>Null when there is no such link, or it was revoked.</returns>
    public async Task<ShareOutcome?> ChangeAsync(long id, DateTimeOffset? expiresAt, string? password, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken) is not { RevokedAt: 0 } share)
        {
            return null;
        }

        if (Errors(expiresAt, password, clock.GetUtcNow()) is { } errors)
        {
            return ShareOutcome.Failed(errors);
        }

        if (await HashAsync(password, cancellationToken) is not { } passwordHash)
        {
            return ShareOutcome.Busy;
        }

        share.ExpiresAt = expiresAt ?? share.ExpiresAt;
        share.PasswordHash = password is null ? share.PasswordHash : passwordHash;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var changed = await db.Shares.Where(one => one.Id == id && one.RevokedAt == 0).ExecuteUpdateAsync(
            set => set.SetProperty(one => one.ExpiresAt, share.ExpiresAt).SetProperty(one => one.PasswordHash, share.PasswordHash), cancellationToken);
        return changed > 0 ? new ShareOutcome(share, null, null) : null;
    }

    /// <summary>From the next request on the link is unknown. False if there is none, or it was revoked before.</summary>
    public async Task<bool> RevokeAsync(long id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var revoked = await db.Shares.Where(share => share.Id == id && share.RevokedAt == 0).ExecuteUpdateAsync(set => set.SetProperty(share => share.RevokedAt, now), cancellationToken) > 0;
        if (revoked)
        {
            Revoked(id);
        }

        return revoked;
    }

    /// <summary>Newest first, those that no longer hold included.</summary>
    /// <param name="campaignId">Null for all campaigns.</param>
    public async Task<List<Share>> ListAsync(ScoreDb db, long? campaignId, long? before, int limit, CancellationToken cancellationToken)
    {
        var shares = await db.Shares
            .Where(share => (campaignId == null || share.CampaignId == campaignId) && (before == null || share.Id < before))
            .OrderByDescending(share => share.Id).Take(limit).ToListAsync(cancellationToken);
        shares.ForEach(views.Complete);
        return shares;
    }

    public async Task<Share?> FindAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var share = await db.Shares.FirstOrDefaultAsync(one => one.Id == id, cancellationToken);
        if (share is not null)
        {
            views.Complete(share);
        }

        return share;
    }

    /// <summary>The link an address names, if it holds. Asked anew for each request, so a revoked one ends at once.</summary>
    public async Task<Share?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (!ShareToken.IsWellFormed(token))
        {
            return null;
        }

        var hash = ShareToken.Hash(token);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Shares.FirstOrDefaultAsync(share => share.TokenHash == hash, cancellationToken) is { } found && found.IsOpenAt(clock.GetUtcNow()) ? found : null;
    }

    /// <summary>Whether this is the link's password. Null: too many are being checked at once.</summary>
    public async Task<bool?> IsRightAsync(Share share, string password, CancellationToken cancellationToken)
    {
        using var turn = await turns.EnterAsync(cancellationToken);
        return !turn.IsAcquired ? null
            : password.Length <= PasswordRules.MaxLength && hasher.VerifyHashedPassword(s_nobody, share.PasswordHash, password) != PasswordVerificationResult.Failed;
    }

    private static Dictionary<string, string[]>? Errors(DateTimeOffset? expiresAt, string? password, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        if (expiresAt <= now || expiresAt > now + LongestLifetime)
        {
            errors["expires_at"] = [$"must lie in the future, at most {LongestLifetime.TotalDays.ToString(CultureInfo.InvariantCulture)} days from now"];
        }

        if (password is { Length: > 0 } && password.Length is < MinPassword or > PasswordRules.MaxLength)
        {
            errors["password"] = [$"must have {MinPassword} to {PasswordRules.MaxLength} characters"];
        }

        return errors.Count > 0 ? errors : null;
    }

    // As slow as at sign-in, and as few at once.
    private async Task<string?> HashAsync(string? password, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(password))
        {
            return "";
        }

        using var turn = await turns.EnterAsync(cancellationToken);
        return turn.IsAcquired ? hasher.HashPassword(s_nobody, password) : null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Share link {ShareId} of campaign {CampaignId} made by user {UserId} (0: an API key)")]
    private partial void Created(long shareId, long campaignId, long userId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Share link {ShareId} revoked")]
    private partial void Revoked(long shareId);
}
