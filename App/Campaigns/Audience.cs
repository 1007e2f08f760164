using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Campaigns;

/// <summary>Whom an import takes that has no file: everybody in any of these segments and lists, and in none of those left out.</summary>
/// <param name="TakesDenied">Also who refused to be tracked: they get the mail without pixel and tracked links.</param>
public sealed record Audience(
    IReadOnlyList<long> Segments, IReadOnlyList<long> Lists, IReadOnlyList<long> ExceptSegments, IReadOnlyList<long> ExceptLists, bool TakesDenied)
{
    /// <summary>Of each kind: more would be a rule of its own.</summary>
    public const int MaxOfEach = 20;

    public static Audience Read(string stored) => JsonSerializer.Deserialize<Audience>(stored) ?? throw new JsonException("no audience");

    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>What it comes to as rules now; null where a segment or list is gone.</summary>
    internal async Task<AudienceRules?> RulesAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var ids = Segments.Concat(ExceptSegments).Distinct().ToList();
        var rules = await db.Segments.Where(segment => ids.Contains(segment.Id)).ToDictionaryAsync(segment => segment.Id, segment => segment.Rule, cancellationToken);
        var lists = Lists.Concat(ExceptLists).Distinct().ToList();
        return rules.Count == ids.Count && await db.Lists.CountAsync(list => lists.Contains(list.Id), cancellationToken) == lists.Count
            ? new AudienceRules(AnyOf(Segments, Lists)!, AnyOf(ExceptSegments, ExceptLists))
            : null;

        SegmentRule? AnyOf(IReadOnlyList<long> segments, IReadOnlyList<long> on)
        {
            var all = segments.Select(id => SegmentRuleJson.Stored(rules[id])).Concat(on.Select(id => new ListRule(id))).ToList();
            return all.Count == 0 ? null : new AnyOf(all);
        }
    }
}

/// <param name="Except">Null for nobody.</param>
internal sealed record AudienceRules(SegmentRule Include, SegmentRule? Except);

/// <summary>An audience as the API takes it; one segment or list may stand without brackets.</summary>
public sealed record ImportBody(
    string? SegmentId = null,
    IReadOnlyList<string?>? SegmentIds = null,
    string? ListId = null,
    IReadOnlyList<string?>? ListIds = null,
    IReadOnlyList<string?>? ExcludeSegmentIds = null,
    IReadOnlyList<string?>? ExcludeListIds = null,
    bool IncludeNotConsenting = false)
{
    private delegate bool IdReader(string? text, out long id);

    /// <summary>Checks it; what is wrong is noted under its field.</summary>
    /// <returns>Null with faults.</returns>
    internal async Task<Audience?> ReadAsync(ScoreDb db, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        var audience = new Audience(
            Ids("segment_ids", "segment_id", SegmentIds, SegmentId, PublicId.TrySegment, errors),
            Ids("list_ids", "list_id", ListIds, ListId, PublicId.TryList, errors),
            Ids("exclude_segment_ids", "", ExcludeSegmentIds, null, PublicId.TrySegment, errors),
            Ids("exclude_list_ids", "", ExcludeListIds, null, PublicId.TryList, errors),
            IncludeNotConsenting);
        if (errors.Count == 0 && audience.Segments.Count + audience.Lists.Count == 0)
        {
            errors["segment_id"] = ["required, or segment_ids, list_id or list_ids"];
        }

        if (errors.Count == 0)
        {
            await ExistAsync(db, audience, errors, cancellationToken);
        }

        return errors.Count == 0 ? audience : null;
    }

    private static List<long> Ids(string many, string single, IReadOnlyList<string?>? list, string? one, IdReader read, Dictionary<string, string[]> errors)
    {
        var ids = new List<long>();
        foreach (var (field, text) in (one is null ? [] : new[] { (single, (string?)one) }).Concat((list ?? []).Select(id => (many, id))))
        {
            if (!read(text, out var id))
            {
                errors[field] = ["not an id of this kind"];
            }
            else if (!ids.Contains(id))
            {
                ids.Add(id);
            }
        }

        if (ids.Count > Audience.MaxOfEach)
        {
            errors[many] = [$"must be at most {Audience.MaxOfEach}"];
        }

        return ids;
    }

    private async Task ExistAsync(ScoreDb db, Audience audience, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        var segments = audience.Segments.Concat(audience.ExceptSegments).Distinct().ToList();
        var lists = audience.Lists.Concat(audience.ExceptLists).Distinct().ToList();
        var knownSegments = await db.Segments.Where(segment => segments.Contains(segment.Id)).Select(segment => segment.Id).ToListAsync(cancellationToken);
        var knownLists = await db.Lists.Where(list => lists.Contains(list.Id)).Select(list => list.Id).ToListAsync(cancellationToken);
        Check(SegmentIds is null ? "segment_id" : "segment_ids", audience.Segments, knownSegments, "segment");
        Check(ListIds is null ? "list_id" : "list_ids", audience.Lists, knownLists, "list");
        Check("exclude_segment_ids", audience.ExceptSegments, knownSegments, "segment");
        Check("exclude_list_ids", audience.ExceptLists, knownLists, "list");

        void Check(string field, IReadOnlyList<long> wanted, List<long> known, string what)
        {
            if (wanted.Any(id => !known.Contains(id)))
            {
                errors[field] = [$"there is no such {what}"];
            }
        }
    }
}
