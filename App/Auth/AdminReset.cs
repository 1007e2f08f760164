using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>The way back in for whoever runs the server: <c>reset-admin EMAIL</c>.</summary>
public static class AdminReset
{
    /// <summary>Makes an account an administrator with a temporary password, creating it if need be, and prints the password. A running server ends its sessions within seconds.</summary>
    /// <returns>The exit code: 0, or 1 with the reason in <paramref name="output"/>.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string email, TextWriter output, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<Accounts>();
        var users = scope.ServiceProvider.GetRequiredService<Microsoft.AspNetCore.Identity.UserManager<User>>();
        var db = scope.ServiceProvider.GetRequiredService<ScoreDb>();

        var password = Accounts.TemporaryPassword();
        var normalized = users.NormalizeEmail(email.Trim());
        var user = await db.Users.FirstOrDefaultAsync(u => u.NormalizedEmail == normalized, cancellationToken);
        if (user is not null)
        {
            user.Role = Roles.Admin;
        }

        var answer = user is null
            ? await accounts.CreateAsync(email, password, Roles.Admin, temporary: true, cancellationToken)
            : await accounts.ResetPasswordAsync(user, password, cancellationToken);
        if (!answer.Done)
        {
            await output.WriteLineAsync(string.Join("; ", answer.Errors.Select(error => $"{error.Key} {string.Join(", ", error.Value)}")));
            return 1;
        }

        await output.WriteLineAsync($"{(user is null ? "Created the administrator" : "Reset the password of")} {email.Trim()}. Sign in once with: {password}");
        return 0;
    }
}
