using System.Globalization;
using System.Security.Claims;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Data;

namespace ScoreTracking.Auth;

/// <summary>A key that is not revoked; its principal carries its id and scopes.</summary>
internal sealed record KnownApiKey(long Id, long ExpiresAt, ClaimsPrincipal Principal);

/// <summary>
/// All valid keys, in memory: there are few, every request needs one, and a stranger's guesses must not reach the database.
/// Read again once older than <see cref="AuthOptions.RevocationInterval"/>.
/// </summary>
internal sealed partial class KnownApiKeys(
    IDbContextFactory<ScoreDb> factory, IOptions<AuthOptions> options, TimeProvider clock, ILogger<KnownApiKeys> log) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot? _snapshot;

    public async ValueTask<KnownApiKey?> FindAsync(string text, CancellationToken cancellationToken) =>
        (await SnapshotAsync(cancellationToken)).Keys.GetValueOrDefault(Convert.ToHexString(ApiKeyText.Hash(text)));

    public async ValueTask<KnownApiKey?> FindAsync(long id, CancellationToken cancellationToken) =>
        (await SnapshotAsync(cancellationToken)).ById.GetValueOrDefault(id);

    /// <summary>Takes up a change just made.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) => await ReadAsync(onlyIfOld: false, cancellationToken);

    public void Dispose() => _reading.Dispose();

    private async ValueTask<Snapshot> SnapshotAsync(CancellationToken cancellationToken) =>
        _snapshot is { } snapshot && !IsOld(snapshot) ? snapshot : await ReadAsync(onlyIfOld: true, cancellationToken);

    private bool IsOld(Snapshot snapshot) => clock.GetElapsedTime(snapshot.ReadAt) > options.Value.RevocationInterval;

    private async Task<Snapshot> ReadAsync(bool onlyIfOld, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (onlyIfOld && _snapshot is { } current && !IsOld(current))
            {
                return current;
            }

            var readAt = clock.GetTimestamp();
            try
            {
                await using var db = await factory.CreateDbContextAsync(cancellationToken);
                var keys = await db.ApiKeys.Where(key => key.RevokedAt == 0).ToListAsync(cancellationToken);
                var known = keys.ConvertAll(key => (Hash: Convert.ToHexString(key.Hash), Key: Known(key)));
                return _snapshot = new Snapshot(readAt, known.ToDictionary(key => key.Hash, key => key.Key), known.ToDictionary(key => key.Key.Id, key => key.Key));
            }
            catch (SqliteException exception) when (_snapshot is not null)
            {
                // With the disk full, senders must still hear "retry" from the endpoint, not an error from here.
                NotRead(exception);
                return _snapshot = _snapshot with { ReadAt = readAt };
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private static KnownApiKey Known(ApiKey key)
    {
        var identity = new ClaimsIdentity(AuthSchemes.ApiKey);
        identity.AddClaim(new Claim(AuthClaims.ApiKeyId, key.Id.ToString(CultureInfo.InvariantCulture)));
        identity.AddClaims(key.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(scope => new Claim(AuthClaims.Scope, scope)));
        return new KnownApiKey(key.Id, key.ExpiresAt, new ClaimsPrincipal(identity));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "API keys could not be read; those known stay valid until they can")]
    private partial void NotRead(Exception exception);

    private sealed record Snapshot(long ReadAt, Dictionary<string, KnownApiKey> Keys, Dictionary<long, KnownApiKey> ById);
}
