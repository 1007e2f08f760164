using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

public enum FirstRunOutcome
{
    Created,

    /// <summary>Someone else was first.</summary>
    Closed,
    WrongCode,
    Invalid,
}

/// <summary>What came of the form on /setup; errors by field.</summary>
internal sealed record FirstRunAnswer(FirstRunOutcome Outcome, User? User, IReadOnlyDictionary<string, string[]> Errors);

/// <summary>What the form on /setup asks for.</summary>
internal sealed record FirstRunForm(string Code, string Email, string Password, string Organization, string TimeZone);

/// <summary>
/// Makes the first administrator: from the configuration, or for whoever reads the setup code from the log, so that a server
/// just started belongs to its operator and not to the first visitor. Runs before the server listens.
/// </summary>
internal sealed partial class FirstRun(
    IServiceScopeFactory scopes, IOptions<SetupOptions> setup, IOptions<AuthOptions> auth, IOptions<StorageOptions> storage,
    TimeProvider clock, ILogger<FirstRun> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan CodeLifetime = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _creating = new(1, 1);
    private string? _code;
    private DateTimeOffset _codeEnds;

    /// <summary>No user exists yet: /setup is there. Once false it stays so.</summary>
    public bool IsOpen => _code is not null;

    private string CodeFile => storage.Value.PathOf("setup-code");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ScoreDb>();
        if (setup.Value.ApiKey is { Length: > 0 } text && !await db.ApiKeys.AnyAsync(cancellationToken))
        {
            await scope.ServiceProvider.GetRequiredService<ApiKeys>().CreateAsync(
                "First key", Scopes.All, expiresAt: null,
                text.Length >= ApiKeys.MinLength ? text : throw new InvalidOperationException($"Setup:ApiKey must have at least {ApiKeys.MinLength} characters."), cancellationToken);
        }

        if (await db.Users.AnyAsync(cancellationToken))
        {
            File.Delete(CodeFile);
        }
        else if (FirstAdministrator() is { } first)
        {
            var created = await scope.ServiceProvider.GetRequiredService<Accounts>().CreateAsync(first.Email, first.Password, Roles.Admin, temporary: false, cancellationToken);
            if (!created.Done)
            {
                throw new InvalidOperationException("The first administrator of Setup:AdminEmail and Setup:AdminPassword cannot be created: "
                    + string.Join("; ", created.Errors.Select(error => $"{error.Key} {string.Join(", ", error.Value)}")) + ".");
            }
        }
        else
        {
            await OpenAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Creates the first administrator and names the organization, once.</summary>
    public async Task<FirstRunAnswer> CreateAsync(FirstRunForm form, CancellationToken cancellationToken)
    {
        await _creating.WaitAsync(cancellationToken);
        try
        {
            if (_code is null)
            {
                return new FirstRunAnswer(FirstRunOutcome.Closed, null, new Dictionary<string, string[]>());
            }

            if (clock.GetUtcNow() >= _codeEnds || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Plain(form.Code)), Encoding.UTF8.GetBytes(Plain(_code))))
            {
                return new FirstRunAnswer(FirstRunOutcome.WrongCode, null, new Dictionary<string, string[]>());
            }

            var errors = new Dictionary<string, string[]>();
            if (form.Organization.Trim() is not { Length: > 0 and <= 100 })
            {
                errors["organization"] = ["must have 1 to 100 characters"];
            }

            if (!TimeZoneInfo.TryFindSystemTimeZoneById(form.TimeZone, out var zone) || !zone.HasIanaId)
            {
                errors["timezone"] = ["is not a time zone"];
            }

            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ScoreDb>();
            var created = errors.Count > 0 ? new AccountAnswer(null, errors)
                : await scope.ServiceProvider.GetRequiredService<Accounts>().CreateAsync(form.Email, form.Password, Roles.Admin, temporary: false, cancellationToken);
            if (!created.Done)
            {
                return new FirstRunAnswer(FirstRunOutcome.Invalid, null, created.Errors);
            }

            var name = form.Organization.Trim();
            await db.Organization.ExecuteUpdateAsync(update => update.SetProperty(o => o.Name, name).SetProperty(o => o.TimeZone, form.TimeZone), cancellationToken);
            _code = null;
            File.Delete(CodeFile);
            return new FirstRunAnswer(FirstRunOutcome.Created, created.User, created.Errors);
        }
        finally
        {
            _creating.Release();
        }
    }

    public void Dispose() => _creating.Dispose();

    private (string Email, string Password)? FirstAdministrator() => (setup.Value.AdminEmail, setup.Value.AdminPassword) switch
    {
        ({ Length: > 0 } email, { Length: > 0 } password) => (email, password),
        ({ Length: > 0 }, _) => throw new InvalidOperationException("Setup:AdminEmail needs Setup:AdminPassword or Setup:AdminPasswordFile."),
        // The demo signs in by itself; nobody needs to know this password.
        _ when auth.Value.AutoSignInOnLoopback => ("demo@example.com", Accounts.TemporaryPassword()),
        _ => null,
    };

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // 128 bits; 26 characters of 32 hold 130.
        var code = string.Join('-', RandomNumberGenerator.GetString("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26).Chunk(13).Select(part => new string(part)));
        _codeEnds = clock.GetUtcNow() + CodeLifetime;
        File.Delete(CodeFile);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using (var file = new StreamWriter(CodeFile, options))
        {
            await file.WriteLineAsync(code.AsMemory(), cancellationToken);
        }

        _code = code;
        NoUserYet(code, CodeFile);
    }

    // People type codes in small letters, without the dash, or with a space at the end.
    private static string Plain(string code) => string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    // A warning, because until it is used nobody can sign in.
    [LoggerMessage(Level = LogLevel.Warning, Message = "Nobody can sign in yet. Open /setup and enter this setup code, valid for 24 hours: {Code} (also in {File})")]
    private partial void NoUserYet(string code, string file);
}
