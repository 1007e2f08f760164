using System.Net.Mail;
using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>What came of creating or changing an account: errors by field, empty if it is done.</summary>
internal sealed record AccountAnswer(User? User, IReadOnlyDictionary<string, string[]> Errors)
{
    public bool Done => Errors.Count == 0;

    public static AccountAnswer Failed(string field, string error) => new(null, new Dictionary<string, string[]> { [field] = [error] });
}

/// <summary>Creates and changes the people who sign in. Every change ends the sessions it affects.</summary>
internal sealed class Accounts(UserManager<User> users, ScoreDb db, Sessions sessions, PasswordHashing hashing, TimeProvider clock)
{
    /// <summary>Shown where too many passwords are hashed at once.</summary>
    public const string Busy = "busy";

    private const string TooMany = "Too many passwords are being checked at once. Please try again.";

    /// <param name="temporary">The password was not chosen by its owner: it must be changed after signing in.</param>
    public async Task<AccountAnswer> CreateAsync(string email, string password, string role, bool temporary, CancellationToken cancellationToken)
    {
        email = email.Trim();
        if (!IsEmail(email))
        {
            return AccountAnswer.Failed("email", "is not an email address");
        }

        if (!Roles.All.Contains(role))
        {
            return AccountAnswer.Failed("role", $"must be one of {string.Join(", ", Roles.All)}");
        }

        using var turn = await hashing.EnterAsync(cancellationToken);
        if (!turn.IsAcquired)
        {
            return AccountAnswer.Failed(Busy, TooMany);
        }

        var user = new User { UserName = email, Email = email, EmailConfirmed = true, Role = role, CreatedAt = clock.GetUtcNow() };
        if (Errors(await users.CreateAsync(user, password)) is { } errors)
        {
            return new AccountAnswer(null, errors);
        }

        if (temporary)
        {
            await users.AddClaimAsync(user, new Claim(AuthClaims.TemporaryPassword, "1"));
        }

        return new AccountAnswer(user, new Dictionary<string, string[]>());
    }

    /// <summary>Changes a person's own password and ends all their sessions. The user returned is for a new one.</summary>
    public async Task<AccountAnswer> ChangePasswordAsync(long userId, string current, string password, CancellationToken cancellationToken)
    {
        using var turn = await hashing.EnterAsync(cancellationToken);
        if (!turn.IsAcquired)
        {
            return AccountAnswer.Failed(Busy, TooMany);
        }

        var user = await db.Users.FirstOrDefaultAsync(u => u.Id == userId, cancellationToken);
        if (user is null || !await PasswordHashing.IsRightAsync(users, user, current))
        {
            return AccountAnswer.Failed("current", "is not your current password");
        }

        return password == current ? AccountAnswer.Failed("password", "is the one you have") : await SetPasswordAsync(user, password, temporary: false);
    }

    /// <summary>Sets a temporary password without asking for the old one, and ends all sessions.</summary>
    public async Task<AccountAnswer> ResetPasswordAsync(User user, string password, CancellationToken cancellationToken)
    {
        using var turn = await hashing.EnterAsync(cancellationToken);
        return turn.IsAcquired ? await SetPasswordAsync(user, password, temporary: true) : AccountAnswer.Failed(Busy, TooMany);
    }

    /// <summary>Gives a person another role and ends their sessions. False: that was the last administrator.</summary>
    public async Task<bool> ChangeRoleAsync(long userId, string role, CancellationToken cancellationToken)
    {
        // The condition is part of the statement: of two administrators demoting each other, one fails.
        var changed = await db.Users
            .Where(user => user.Id == userId && (role == Roles.Admin || user.Role != Roles.Admin || db.Users.Any(other => other.Id != userId && other.Role == Roles.Admin)))
            .ExecuteUpdateAsync(update => update
                .SetProperty(user => user.Role, role)
                .SetProperty(user => user.SecurityStamp, Guid.NewGuid().ToString("N"))
                .SetProperty(user => user.ConcurrencyStamp, Guid.NewGuid().ToString("N")), cancellationToken);
        sessions.Forget(userId);
        return changed > 0;
    }

    /// <summary>Removes a person and ends their sessions. False: that was the last administrator.</summary>
    public async Task<bool> RemoveAsync(long userId, CancellationToken cancellationToken)
    {
        var removed = await db.Users
            .Where(user => user.Id == userId && (user.Role != Roles.Admin || db.Users.Any(other => other.Id != userId && other.Role == Roles.Admin)))
            .ExecuteDeleteAsync(cancellationToken);
        sessions.Forget(userId);
        return removed > 0;
    }

    /// <summary>A password to be handed over and changed: 100 bits in letters nobody confuses.</summary>
    public static string TemporaryPassword() =>
        string.Join('-', Enumerable.Range(0, 4).Select(_ => System.Security.Cryptography.RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 5)));

    private async Task<AccountAnswer> SetPasswordAsync(User user, string password, bool temporary)
    {
        if (PasswordRules.Error(password, user.Email) is { } error)
        {
            return AccountAnswer.Failed("password", error);
        }

        user.PasswordHash = users.PasswordHasher.HashPassword(user, password);
        if (Errors(await users.UpdateSecurityStampAsync(user)) is { } errors)
        {
            return new AccountAnswer(null, errors);
        }

        var mark = new Claim(AuthClaims.TemporaryPassword, "1");
        await users.RemoveClaimAsync(user, mark);
        if (temporary)
        {
            await users.AddClaimAsync(user, mark);
        }

        sessions.Forget(user.Id);
        return new AccountAnswer(user, new Dictionary<string, string[]>());
    }

    private static bool IsEmail(string email) =>
        email.Length <= 254 && !email.Any(char.IsControl) && MailAddress.TryCreate(email, out var parsed) && parsed.Address == email;

    private static Dictionary<string, string[]>? Errors(IdentityResult result) => result.Succeeded ? null : result.Errors
        .GroupBy(error => error.Code.StartsWith("Password", StringComparison.Ordinal) ? "password" : "email")
        .ToDictionary(group => group.Key, group => group.Select(error => error.Description).Distinct().ToArray());
}
