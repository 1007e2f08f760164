using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>Where a tracked link leads.</summary>
internal readonly record struct LinkTarget(string Destination, bool Disabled);

/// <summary>Destinations by link id, in memory: they never change once sent, and a click must not wait for a database.</summary>
internal sealed class LinkCache(IDbContextFactory<ScoreDb> databases)
{
    // About 200 bytes each.
    private const int Capacity = 500_000;

    private readonly ConcurrentDictionary<long, LinkTarget> _links = new();

    /// <returns>Null for a link this database does not have.</returns>
    public async ValueTask<LinkTarget?> FindAsync(TrackingId id, CancellationToken cancellationToken)
    {
        if (!_links.TryGetValue(id.LinkId, out var target))
        {
            if (await ReadAsync(id.LinkId, cancellationToken) is not { } read)
            {
                return null;
            }

            target = read;
            if (_links.Count >= Capacity)
            {
                _links.Clear();
            }

            _links[id.LinkId] = target;
        }

        return target.Destination.Contains("{{", StringComparison.Ordinal)
            ? target with { Destination = await FillAsync(target.Destination, id.MessageId, cancellationToken) }
            : target;
    }

    /// <summary>Reads a link anew the next time: its destination held something of a person who was erased.</summary>
    public void Forget(long linkId) => _links.TryRemove(linkId, out _);

    private async Task<LinkTarget?> ReadAsync(long linkId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var link = await db.Links.Where(l => l.Id == linkId).Select(l => new { l.Url, l.Disabled }).FirstOrDefaultAsync(cancellationToken);
        return link is null ? null : new LinkTarget(link.Url, link.Disabled);
    }

    // A personal link is kept once, with its fields, and filled for the person who clicks: empty where the person is gone.
    private async Task<string> FillAsync(string template, long messageId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var contact = await db.Messages.Where(m => m.Id == messageId)
            .Join(db.Contacts, m => m.ContactId, c => c.Id, (m, c) => new { m.Email, c.CustomerId, c.Attributes })
            .FirstOrDefaultAsync(cancellationToken);
        return Destination.Fill(
            template,
            contact is null ? new Dictionary<string, string>() : MergeField.Values(contact.Attributes, contact.Email, contact.CustomerId));
    }
}
