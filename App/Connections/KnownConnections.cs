using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Connections;

/// <summary>User and password an ESP sends with every request.</summary>
public sealed record BasicAuth(string User, string Password);

/// <summary>What a connection must never show again.</summary>
internal sealed record ConnectionSecrets(Dictionary<string, string> Current, Dictionary<string, string> Previous, BasicAuth? Basic);

/// <summary>A connection ready to receive: secrets decrypted.</summary>
internal sealed record OpenConnection(long Id, string Provider, bool Enabled, BasicAuth? Basic, EspConnection Esp);

/// <summary>Connections by the unguessable part of their URL, in memory: a webhook must not wait for a database to be told apart from a forgery.</summary>
public sealed class KnownConnections(IDbContextFactory<ScoreDb> databases, IDataProtectionProvider protection, IOptions<ServerUrls> urls) : IDisposable
{
    // 24 characters of 32: 120 bits.
    private const int SlugLength = 24;
    private const string SlugLetters = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly IDataProtector _protector = protection.CreateProtector("connections");
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Dictionary<string, OpenConnection>? _bySlug;

    public static string NewSlug() => RandomNumberGenerator.GetString(SlugLetters, SlugLength);

    public static string WebhookUrl(string publicBase, Connection stored) => $"{publicBase}/webhooks/{stored.Provider}/{stored.Slug}";

    public void Dispose() => _loading.Dispose();

    /// <summary>Forgets what is in memory, after a change.</summary>
    public void Refresh() => _bySlug = null;

    internal async ValueTask<OpenConnection?> FindAsync(string slug, CancellationToken cancellationToken)
    {
        var connections = _bySlug ?? await LoadAsync(cancellationToken);
        return connections.GetValueOrDefault(slug);
    }

    internal async ValueTask<OpenConnection?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var connections = _bySlug ?? await LoadAsync(cancellationToken);
        return connections.Values.FirstOrDefault(connection => connection.Id == id);
    }

    internal string Protect(ConnectionSecrets secrets) => _protector.Protect(JsonSerializer.Serialize(secrets));

    internal ConnectionSecrets Unprotect(string stored) => JsonSerializer.Deserialize<ConnectionSecrets>(_protector.Unprotect(stored))!;

    private async Task<Dictionary<string, OpenConnection>> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_bySlug is { } loaded)
            {
                return loaded;
            }

            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var stored = await db.Connections.ToListAsync(cancellationToken);
            return _bySlug = stored.ToDictionary(connection => connection.Slug, Open, StringComparer.Ordinal);
        }
        finally
        {
            _loading.Release();
        }
    }

    private OpenConnection Open(Connection stored)
    {
        var secrets = Unprotect(stored.Secrets);
        var settings = JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Settings)!;

        // Where an ESP signs its URL too: ours, unless it was told another one.
        settings.TryAdd("public_url", WebhookUrl(urls.Value.PublicBase, stored));
        return new OpenConnection(
            stored.Id, stored.Provider, stored.Enabled, secrets.Basic, new EspConnection(secrets.Current, secrets.Previous, settings, secrets.Basic is not null));
    }
}
