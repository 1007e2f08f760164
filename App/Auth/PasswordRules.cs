using Microsoft.AspNetCore.Identity;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>What a password must be: 12 to 128 characters, not the person's own address, not among the first a stranger would try. No rules of composition: they make passwords worse.</summary>
internal sealed class PasswordRules : IPasswordValidator<User>
{
    public const int MinLength = 12;
    public const int MaxLength = 128;

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password) =>
        Task.FromResult(Error(password, user.Email) is { } error
            ? IdentityResult.Failed(new IdentityError { Code = "Password", Description = error })
            : IdentityResult.Success);

    /// <summary>What is wrong with a password, for the person choosing it; null if nothing.</summary>
    public static string? Error(string? password, string? email) => password switch
    {
        null or { Length: < MinLength } => $"must have at least {MinLength} characters",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters",
        _ when IsAddress(password, email) => "must not be the email address",
        _ when CommonPasswords.Contains(password) => "is among the first anyone would guess",
        _ => null,
    };

    private static bool IsAddress(string password, string? email) =>
        email is { Length: > 0 } && password.Trim().StartsWith(email, StringComparison.OrdinalIgnoreCase) && password.Length < email.Length + 4;
}
