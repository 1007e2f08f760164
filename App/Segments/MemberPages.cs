using System.Diagnostics;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>Where a page of members begins: behind a contact, or with those before one.</summary>
/// <param name="IsBack">The page ends before the contact, instead of beginning behind it.</param>
/// <param name="Contact">0 is before the first.</param>
public readonly record struct MemberPlace(bool IsBack, long Contact);

/// <summary>Some members, by id, and where the pages beside them begin.</summary>
/// <param name="Previous">Null on the first page.</param>
/// <param name="Next">Null on the last.</param>
/// <param name="IsCut">There may be more in the direction that was looked in: it took too long to find them.</param>
public sealed record MemberPage(IReadOnlyList<long> Contacts, MemberPlace? Previous, MemberPlace? Next, bool IsCut);

/// <summary>Leafs through the members of a segment in both directions. A page may hold fewer than asked for, even none, and go on: where few of very many belong, it ends when it has looked for long enough.</summary>
internal sealed class MemberPages(SqliteFile main, SegmentQueries segments, TimeProvider time)
{
    private const long FirstRange = 256;
    private const long LastRange = 65_536;

    // As forwards: a page is to be there within 50 ms.
    private static readonly TimeSpan s_longestSearch = TimeSpan.FromMilliseconds(25);

    public async Task<MemberPage> ReadAsync(SegmentRule rule, MemberPlace place, int limit, CancellationToken cancellationToken)
    {
        if (place.IsBack && await Task.Run(() => Before(rule, place.Contact, limit, cancellationToken), cancellationToken) is { } before)
        {
            return before;
        }

        // Whoever leafs back to the beginning sees the first page, full.
        var after = place.IsBack ? 0 : place.Contact;
        var page = await segments.PageAsync(rule, after, limit, cancellationToken);
        return new MemberPage(page.Contacts, after > 0 ? new MemberPlace(IsBack: true, after + 1) : null, page.Next is { } next ? new MemberPlace(IsBack: false, next) : null, page.Contacts.Count < limit && page.Next is not null);
    }

    // Null where the beginning comes within a page. Ranges grow as they do forwards; within each the order is that of ids.
    private MemberPage? Before(SegmentRule rule, long contact, int limit, CancellationToken cancellationToken)
    {
        using var reader = SegmentReader.Finding(main.Path, rule, time.GetUtcNow());
        var (found, until, started) = (new List<long>(), contact - 1, Stopwatch.GetTimestamp());
        for (var range = FirstRange; found.Count < limit && until > 0; range = Math.Min(range * 2, LastRange))
        {
            if (range > FirstRange && Stopwatch.GetElapsedTime(started) > s_longestSearch)
            {
                return Page(found, until + 1);
            }

            var (after, some) = (Math.Max(0, until - range), new List<long>());
            reader.Find(after, until, (int)range, some, cancellationToken);
            found.InsertRange(0, some);
            until = after;
        }

        return found.Count < limit || (found.Count == limit && until == 0) ? null : Page(found[^limit..], found[^limit]);

        MemberPage Page(List<long> contacts, long first) => new(contacts, new MemberPlace(IsBack: true, first), new MemberPlace(IsBack: false, contact - 1), contacts.Count < limit);
    }
}
