using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>The way back in for whoever runs the server: <c>reset-admin EMAIL</c>.</summary>
public static class AdminReset
{
    /// <summary>Makes an account an administrator with a temporary password, creating it if need be, and prints the password. A running server ends its sessions within seconds.</summary>
    /// <returns>The exit code: 0, or 1 with the reason in <paramref name="output"/>.</returns>
    public static async Task<int> RunAsync(StorageOptions storage, string email, TextWriter output, CancellationToken cancellationToken)
    {
        await using var services = Services(storage);
        Migrator.Apply(services.GetRequiredService<SqliteFile>());
        await using var scope = services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<Accounts>();
        var normalized = scope.ServiceProvider.GetRequiredService<UserManager<User>>().NormalizeEmail(email.Trim());
        var user = await scope.ServiceProvider.GetRequiredService<ScoreDb>().Users.FirstOrDefaultAsync(u => u.NormalizedEmail == normalized, cancellationToken);
        if (user is not null)
        {
            user.Role = Roles.Admin;
        }

        var password = Accounts.TemporaryPassword();
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

    // The same rules as the server's, without a server.
    private static ServiceProvider Services(StorageOptions storage)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>(nameof(StorageOptions.DataDirectory), Path.GetFullPath(storage.DataDirectory))]).Build());
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        services.AddData();
        services.AddAuth();
        return services.BuildServiceProvider();
    }
}
