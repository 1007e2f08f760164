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
public sealed class KnownConnections(ConnectionKinds kinds, IDbContextFactory<ScoreDb> databases, IDataProtectionProvider protection, IOptions<ServerUrls> urls) : IDisposable
{
    // 24 characters of 32: 120 bits.
    private const int SlugLength = 24;
    private const string SlugLetters = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly IDataProtector _protector = protection.CreateProtector("connections");
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Known? _known;
    private int _changes;

    public static string NewSlug() => RandomNumberGenerator.GetString(SlugLetters, SlugLength);

    public static string WebhookUrl(string publicBase, Connection stored) => $"{publicBase}/webhooks/{stored.Provider}/{stored.Slug}";

    public void Dispose() => _loading.Dispose();

    /// <summary>Forgets what is in memory, after a change.</summary>
    public void Refresh()
    {
        Interlocked.Increment(ref _changes);
        _known = null;
    }

    /// <summary>Connections mail can be handed to once they are enabled, by id.</summary>
    public async ValueTask<IReadOnlyList<SendingConnection>> SendersAsync(CancellationToken cancellationToken) => (_known ?? await LoadAsync(cancellationToken)).Senders;

    /// <summary>Null where there is none, or where nothing can be handed to it.</summary>
    public async ValueTask<SendingConnection?> SenderAsync(long id, CancellationToken cancellationToken) =>
        (await SendersAsync(cancellationToken)).FirstOrDefault(sender => sender.Id == id);

    internal async ValueTask<OpenConnection?> FindAsync(string slug, CancellationToken cancellationToken)
    {
        var known = _known ?? await LoadAsync(cancellationToken);
        return known.BySlug.GetValueOrDefault(slug);
    }

    internal async ValueTask<OpenConnection?> FindAsync(long id, CancellationToken cancellationToken)
    {
        var known = _known ?? await LoadAsync(cancellationToken);
        return known.BySlug.Values.FirstOrDefault(connection => connection.Id == id);
    }

    internal string Protect(ConnectionSecrets secrets) => _protector.Protect(JsonSerializer.Serialize(secrets));

    internal ConnectionSecrets Unprotect(string stored) => JsonSerializer.Deserialize<ConnectionSecrets>(_protector.Unprotect(stored))!;

    private async Task<Known> LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (_known is { } loaded)
            {
                return loaded;
            }

            var changes = Volatile.Read(ref _changes);
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var stored = await db.Connections.OrderBy(connection => connection.Id).ToListAsync(cancellationToken);
            var opened = stored.ConvertAll(Open);
            var known = new Known(
                opened.ToDictionary(one => one.Slug, one => one.Received, StringComparer.Ordinal),
                [.. opened.Select(one => one.Sender).OfType<SendingConnection>()]);

            // What was changed while it was read is read again.
            _known = changes == Volatile.Read(ref _changes) ? known : null;
            return known;
        }
        finally
        {
            _loading.Release();
        }
    }

    private (string Slug, OpenConnection Received, SendingConnection? Sender) Open(Connection stored)
    {
        var shape = kinds.Shapes[stored.Provider];
        var secrets = Unprotect(stored.Secrets);
        var settings = JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Settings)!;
        var sender = shape.CanSend && !shape.MissingToSend(secrets.Current.ContainsKey, settings.ContainsKey).Any()
            ? new SendingConnection(stored, secrets.Current, new Dictionary<string, string>(settings))
            : null;

        // Where an ESP signs its URL too: ours, unless it was told another one.
        settings.TryAdd("public_url", WebhookUrl(urls.Value.PublicBase, stored));
        var received = secrets.Current.Where(secret => !shape.Secrets.Any(field => field.Key == secret.Key && field.ForSending)).ToDictionary(StringComparer.Ordinal);
        return (
            stored.Slug,
            new OpenConnection(stored.Id, stored.Provider, stored.Enabled, secrets.Basic, new EspConnection(received, secrets.Previous, settings, secrets.Basic is not null)),
            sender);
    }

    private sealed record Known(Dictionary<string, OpenConnection> BySlug, IReadOnlyList<SendingConnection> Senders);
}
