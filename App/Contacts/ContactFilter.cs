using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Segments;

namespace ScoreTracking.Contacts;

/// <summary>What a list of contacts is ordered by; each also the other way round.</summary>
public enum ContactOrder
{
    /// <summary>Engagement score. Who never engaged has none, and stands behind everybody who has.</summary>
    Score,
    Created,
    Address,
}

/// <summary>A segment, or somebody's list, that contacts are narrowed to.</summary>
/// <param name="Id">seg_… or lst_….</param>
/// <param name="Rule">As stored; of a list, that one is on it.</param>
public sealed record ContactSegment(string Id, string Name, string Rule)
{
    /// <summary>Null for an id no segment has.</summary>
    internal static async Task<ContactSegment?> FindAsync(ScoreDb db, string? publicId, CancellationToken cancellationToken) =>
        PublicId.TrySegment(publicId, out var id)
            ? await db.Segments.Where(segment => segment.Id == id).Select(segment => new ContactSegment(publicId!, segment.Name, segment.Rule)).FirstOrDefaultAsync(cancellationToken)
            : null;

    /// <summary>Null for an id no list has.</summary>
    internal static async Task<ContactSegment?> FindListAsync(ScoreDb db, string? publicId, CancellationToken cancellationToken) =>
        PublicId.TryList(publicId, out var id) && await db.Lists.Where(list => list.Id == id).Select(list => list.Name).FirstOrDefaultAsync(cancellationToken) is { } name
            ? new ContactSegment(publicId!, name, SegmentRuleJson.Write(new ListRule(id)))
            : null;
}

/// <summary>Which contacts, in which order. Comparable, so that a page knows when to read again.</summary>
/// <param name="Text">Beginning of an address, or a whole customer id; null for any.</param>
/// <param name="MinScore">Score as shown, 0 to 100; null for any.</param>
/// <param name="Suppressed">Only who is, or is not, on the suppression list.</param>
public sealed record ContactFilter(string? Text, double? MinScore, TrackingConsent? Consent, bool? Suppressed, ContactOrder Order, bool Descending)
{
    /// <summary>Only who belongs to it; null for anybody.</summary>
    public ContactSegment? Segment { get; init; }

    /// <summary>RFC 5321 limits an address to 254 characters; a customer id may be 200 long.</summary>
    public const int MaxText = 254;

    public const string DefaultSort = "-engagement_score";

    public static ContactFilter Any { get; } = new(null, null, null, null, ContactOrder.Score, Descending: true);

    public static IReadOnlyList<(string Name, ContactOrder Order, bool Descending)> Sorts { get; } =
    [
        (DefaultSort, ContactOrder.Score, true),
        ("engagement_score", ContactOrder.Score, false),
        ("-created_at", ContactOrder.Created, true),
        ("created_at", ContactOrder.Created, false),
        ("email", ContactOrder.Address, false),
        ("-email", ContactOrder.Address, true),
    ];

    public string Sort => Sorts.First(sort => (sort.Order, sort.Descending) == (Order, Descending)).Name;

    /// <summary>Nothing but the order is chosen.</summary>
    public bool IsAny => this with { Order = Any.Order, Descending = Any.Descending } == Any;

    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope => string.Create(CultureInfo.InvariantCulture, $"{Text}\n{MinScore}\n{Consent}\n{Suppressed}\n{Sort}{(Segment is null ? "" : $"\n{Segment.Id}\n{Segment.Rule}")}");

    /// <summary>Reads a filter as an address has it; what it says wrongly is noted under its field, and means any.</summary>
    internal static ContactFilter Read(string? text, string? minScore, string? consent, string? suppressed, string? sort, Dictionary<string, string[]> errors)
    {
        var filter = Any;
        if (text?.Trim() is { Length: > 0 } wanted)
        {
            if (wanted.Length > MaxText || wanted.Any(char.IsControl))
            {
                errors["q"] = [$"must be the beginning of an address or a whole customer id, at most {MaxText} characters"];
            }
            else
            {
                // As it is stored: an international domain in its ASCII form.
                filter = filter with { Text = EmailAddress.TryParse(wanted, out var address) ? address.Value : wanted, Order = ContactOrder.Address, Descending = false };
            }
        }

        if (!string.IsNullOrEmpty(minScore))
        {
            if (double.TryParse(minScore, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) && score is >= 0 and <= 100)
            {
                filter = filter with { MinScore = score };
            }
            else
            {
                errors["min_score"] = ["must be a number from 0 to 100"];
            }
        }

        if (!string.IsNullOrEmpty(consent))
        {
            if (ContactRow.TryConsent(consent, out var given))
            {
                filter = filter with { Consent = given };
            }
            else
            {
                errors["tracking_consent"] = ["must be granted, denied or unknown"];
            }
        }

        if (!string.IsNullOrEmpty(suppressed))
        {
            filter = filter with { Suppressed = suppressed switch { "true" => true, "false" => false, _ => null } };
            if (filter.Suppressed is null)
            {
                errors["suppressed"] = ["must be true or false"];
            }
        }

        if (!string.IsNullOrEmpty(sort))
        {
            var chosen = Sorts.FirstOrDefault(known => known.Name == sort);
            if (chosen.Name is null)
            {
                errors["sort"] = [$"must be one of {string.Join(", ", Sorts.Select(known => known.Name))}"];
            }
            else
            {
                filter = filter with { Order = chosen.Order, Descending = chosen.Descending };
            }
        }

        return filter;
    }
}
