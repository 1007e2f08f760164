using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Connections;

/// <summary>What came of a change: the connection, errors by field, or neither where there is no such connection.</summary>
public sealed record ConnectionOutcome(ConnectionAnswer? Connection, IReadOnlyDictionary<string, string[]> Errors);

/// <summary>Making and changing connections, for the API and for pages.</summary>
public sealed class ConnectionEdits(
    ConnectionKinds kinds,
    KnownConnections connections,
    RejectedWebhooks rejected,
    IDbContextFactory<ScoreDb> databases,
    IOptions<ServerUrls> urls,
    LiveUpdates live,
    TimeProvider time)
{
    private static readonly Dictionary<string, string[]> s_none = [];

    /// <summary>What each provider's connection is made of, by provider.</summary>
    public IReadOnlyDictionary<string, ConnectionShape> Shapes => kinds.Shapes;

    public async Task<ConnectionOutcome> CreateAsync(ConnectionBody body, CancellationToken cancellationToken)
    {
        if (body.Provider is null || !Shapes.TryGetValue(body.Provider, out var shape))
        {
            return Refuse("provider", $"must be one of {string.Join(", ", Shapes.Keys.Order(StringComparer.Ordinal))}");
        }

        var secrets = new ConnectionSecrets(body.Secrets ?? [], body.SecretsPrevious ?? [], body.BasicAuth);
        var settings = body.Settings ?? new Dictionary<string, string>();
        if (ConnectionRules.Check(shape, body.Name ?? "", secrets, settings) is { Count: > 0 } errors)
        {
            return new ConnectionOutcome(null, errors);
        }

        var connection = new Connection
        {
            Name = body.Name!.Trim(),
            Provider = body.Provider,
            Slug = KnownConnections.NewSlug(),
            Secrets = connections.Protect(secrets),
            Settings = JsonSerializer.Serialize(settings),
            Enabled = body.Enabled ?? true,
            CreatedAt = time.GetUtcNow(),
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Connections.Add(connection);
        await db.SaveChangesAsync(cancellationToken);
        Changed(connection.Id);
        return new ConnectionOutcome(Answer(connection), s_none);
    }

    /// <summary>Changes what is not null. New secrets leave the old ones valid until a rotation is ended with an empty <see cref="ConnectionBody.SecretsPrevious"/>.</summary>
    public async Task<ConnectionOutcome> ChangeAsync(long id, ConnectionBody body, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var connection = await db.Connections.AsTracking().FirstOrDefaultAsync(c => c.Id == id, cancellationToken);
        if (connection is null)
        {
            return new ConnectionOutcome(null, s_none);
        }

        if (body.Provider is not null && body.Provider != connection.Provider)
        {
            return Refuse("provider", "cannot change: make a new connection");
        }

        var secrets = Merged(Shapes[connection.Provider], connections.Unprotect(connection.Secrets), body);
        var settings = body.Settings ?? Settings(connection);
        if (ConnectionRules.Check(Shapes[connection.Provider], body.Name ?? connection.Name, secrets, settings) is { Count: > 0 } errors)
        {
            return new ConnectionOutcome(null, errors);
        }

        connection.Name = (body.Name ?? connection.Name).Trim();
        connection.Secrets = connections.Protect(secrets);
        connection.Settings = JsonSerializer.Serialize(settings);
        connection.Enabled = body.Enabled ?? connection.Enabled;
        await db.SaveChangesAsync(cancellationToken);
        Changed(id);
        return new ConnectionOutcome(Answer(connection), s_none);
    }

    /// <summary>Removes a connection; what it sent stays in the log.</summary>
    /// <returns>False where there is none.</returns>
    public async Task<bool> RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.Connections.Where(c => c.Id == id).ExecuteDeleteAsync(cancellationToken);
        Changed(id);
        return removed > 0;
    }

    public async Task<IReadOnlyList<ConnectionAnswer>> ListAsync(ScoreDb db, long after, int limit, CancellationToken cancellationToken) =>
        [.. (await db.Connections.Where(c => c.Id > after).OrderBy(c => c.Id).Take(limit).ToListAsync(cancellationToken)).Select(Answer)];

    public async Task<ConnectionAnswer?> FindAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        await db.Connections.FirstOrDefaultAsync(c => c.Id == id, cancellationToken) is { } found ? Answer(found) : null;

    /// <summary>What a connection lacks so that mail can be handed to it; "" where nothing.</summary>
    public string WhyNotSending(ConnectionAnswer connection)
    {
        var shape = Shapes[connection.Provider];
        var missing = shape.MissingToSend(connection.Secrets.Contains, connection.Settings.ContainsKey).Select(field => field.Key).ToList();
        return !shape.CanSend ? $"No mail can be handed to {shape.Name}: it only reports." : missing.Count > 0 ? $"Enter {string.Join(", ", missing)} first: without it no mail can be handed over." : "";
    }

    internal ConnectionAnswer Answer(Connection stored) => ConnectionAnswer.Of(
        stored, connections.Unprotect(stored.Secrets), Settings(stored), Shapes[stored.Provider], urls.Value.PublicBase, rejected.Of(stored.Id).Count);

    private static Dictionary<string, string> Settings(Connection stored) => JsonSerializer.Deserialize<Dictionary<string, string>>(stored.Settings)!;

    // What requests are checked by changes as a whole, and what it was stays valid; what mail is sent with changes one by one.
    private static ConnectionSecrets Merged(ConnectionShape shape, ConnectionSecrets before, ConnectionBody body)
    {
        var given = body.Secrets ?? [];
        var sends = shape.Secrets.Where(field => field.ForSending).Select(field => field.Key).ToHashSet(StringComparer.Ordinal);
        var received = given.Where(secret => !sends.Contains(secret.Key)).ToDictionary();
        var replaces = body.Secrets is not null && (received.Count > 0 || given.Count == 0) && shape.Reports;
        var current = (replaces ? received : before.Current.Where(secret => !sends.Contains(secret.Key)).ToDictionary())
            .Concat(before.Current.Where(secret => sends.Contains(secret.Key) && !given.ContainsKey(secret.Key)))
            .Concat(given.Where(secret => sends.Contains(secret.Key) && secret.Value.Length > 0))
            .Concat(shape.Reports ? [] : received) // unknown, and said so
            .ToDictionary(StringComparer.Ordinal);
        var previous = replaces ? before.Current.Where(secret => !sends.Contains(secret.Key)).ToDictionary() : before.Previous;
        return new ConnectionSecrets(current, body.SecretsPrevious ?? previous, body.BasicAuth ?? before.Basic);
    }

    private static ConnectionOutcome Refuse(string field, string error) => new(null, new Dictionary<string, string[]> { [field] = [error] });

    private void Changed(long id)
    {
        connections.Refresh();
        live.Signal([LiveTopic.Connection(id), LiveTopic.Connections]);
    }
}
