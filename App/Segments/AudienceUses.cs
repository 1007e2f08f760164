using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Segments;

/// <summary>Somewhere a segment or list stands in a rule or in a journey.</summary>
/// <param name="Address">Of its page.</param>
/// <param name="IsPublished">A journey people may be on.</param>
public sealed record AudienceUse(string Kind, string Name, string Address, bool IsPublished);

/// <summary>Who goes by a segment or a list. Rules and journeys are few, and each is read: what stands in them is JSON.</summary>
internal static class AudienceUses
{
    /// <param name="publicId">seg_… or lst_….</param>
    public static async Task<IReadOnlyList<AudienceUse>> RunAsync(ScoreDb db, string publicId, CancellationToken cancellationToken) =>
        (await AllAsync(db, cancellationToken)).TryGetValue(publicId, out var uses) ? uses : [];

    /// <summary>The uses that forbid removing it, as words to follow "is used by"; null for none.</summary>
    public static async Task<string?> WordsAsync(ScoreDb db, string publicId, CancellationToken cancellationToken)
    {
        var uses = await RunAsync(db, publicId, cancellationToken);
        return uses.Count == 0 ? null : string.Join(", ", uses.Take(5).Select(use => $"the {use.Kind} “{use.Name}”")) + (uses.Count > 5 ? $" and {uses.Count - 5} more" : "");
    }

    /// <summary>Everything that is used, by its public id.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<AudienceUse>>> AllAsync(ScoreDb db, CancellationToken cancellationToken)
    {
        var uses = new Dictionary<string, List<AudienceUse>>(StringComparer.Ordinal);
        foreach (var segment in await db.Segments.OrderBy(segment => segment.Id).Select(segment => new { segment.Id, segment.Name, segment.Rule }).ToListAsync(cancellationToken))
        {
            Add(segment.Rule, new AudienceUse("segment", segment.Name, SegmentAddress.Of(segment.Id), IsPublished: false));
        }

        // People finish on the version they began on, and a draft is what the next one is made from.
        var journeys = await db.Journeys.Where(journey => journey.Status != JourneyStatus.Archived).OrderBy(journey => journey.Id).ToListAsync(cancellationToken);
        foreach (var journey in journeys)
        {
            var use = new AudienceUse("journey", journey.Name, $"/journeys/{PublicId.Journey(journey.Id)}", journey.Status is JourneyStatus.Published or JourneyStatus.Paused);
            Add(journey.Definition, use);
            var going = await db.JourneyVersions
                .Where(version => version.JourneyId == journey.Id && (version.Version == journey.Version
                    || db.Enrollments.Any(person => person.JourneyId == journey.Id && person.Version == version.Version && person.Status == EnrollmentStatus.Active)))
                .Select(version => version.Definition).ToListAsync(cancellationToken);
            going.ForEach(definition => Add(definition, use));
        }

        return uses.ToDictionary(used => used.Key, used => (IReadOnlyList<AudienceUse>)used.Value, StringComparer.Ordinal);

        void Add(string json, AudienceUse use)
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
            var named = new HashSet<string>(StringComparer.Ordinal);
            Gather(document.RootElement, named);
            foreach (var id in named)
            {
                if (!uses.TryGetValue(id, out var known))
                {
                    uses[id] = known = [];
                }

                if (!known.Contains(use))
                {
                    known.Add(use);
                }
            }
        }
    }

    private static void Gather(JsonElement element, HashSet<string> named)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name is "list" or "list_id" or "segment_id" && member.Value.ValueKind == JsonValueKind.String)
                    {
                        named.Add(member.Value.GetString()!);
                    }

                    Gather(member.Value, named);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Gather(item, named);
                }

                break;
        }
    }
}
