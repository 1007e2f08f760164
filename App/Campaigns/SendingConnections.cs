using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>A connection mail can be handed to.</summary>
/// <param name="PerSecond">Messages it takes in a second at most; 0 without a limit.</param>
public sealed record ConnectionChoice(long Id, string Name, string Provider, double PerSecond);

/// <summary>The connections mail can be handed to: enabled, and with what signing in needs.</summary>
public sealed class SendingConnections(IDbContextFactory<ScoreDb> databases)
{
    internal const string Unknown = "there is no such connection";

    public async Task<IReadOnlyList<ConnectionChoice>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections.Where(c => c.Enabled && c.Provider == "smtp").OrderBy(c => c.Name)
            .Select(c => new ConnectionChoice(c.Id, c.Name, c.Provider, 0)).ToListAsync(cancellationToken);
    }

    /// <summary>One that can send; null where there is none of that id.</summary>
    public async Task<ConnectionChoice?> FindAsync(long id, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken)).FirstOrDefault(connection => connection.Id == id);

    /// <summary>Why mail cannot be handed to a connection, to stand behind its field's name; null where it can.</summary>
    internal async Task<string?> ErrorAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Connections.Where(c => c.Id == id).Select(c => new { c.Enabled, c.Provider }).FirstOrDefaultAsync(cancellationToken) switch
        {
            null => Unknown,
            { Enabled: false } => "the connection is switched off",
            { Provider: not "smtp" } => "the connection only receives reports: it has no credentials to send with",
            _ => null,
        };
    }
}
