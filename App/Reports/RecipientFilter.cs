using System.Globalization;

namespace ScoreTracking.Reports;

/// <summary>What a list of recipients is ordered by; each also the other way round.</summary>
public enum RecipientOrder
{
    /// <summary>As they were added.</summary>
    Added,
    Address,

    /// <summary>Last event to arrive. Who has no event at all is not in this list.</summary>
    LastEvent,
}

/// <summary>Which recipients of a campaign, in which order. Comparable, so that a page knows when to read again.</summary>
/// <param name="Text">Beginning of an address, or a whole customer id; null for any. With it the order is by address.</param>
/// <param name="Variant">Position of the variant.</param>
/// <param name="LinkId">Only who clicked this link.</param>
public sealed record RecipientFilter(RecipientStatus? Status, string? Text, int? Variant, long? LinkId, RecipientOrder Order, bool Descending)
{
    /// <summary>RFC 5321 limits an address to 254 characters; a customer id may be as long.</summary>
    public const int MaxText = 254;

    public static RecipientFilter Any { get; } = new(null, null, null, null, RecipientOrder.Added, Descending: false);

    /// <summary>Spellings of every order; the first is the default.</summary>
    public static IReadOnlyList<(string Name, RecipientOrder Order, bool Descending)> Sorts { get; } =
    [
        ("added", RecipientOrder.Added, false),
        ("-added", RecipientOrder.Added, true),
        ("email", RecipientOrder.Address, false),
        ("-email", RecipientOrder.Address, true),
        ("-last_event", RecipientOrder.LastEvent, true),
        ("last_event", RecipientOrder.LastEvent, false),
    ];

    public string Sort => Sorts.First(sort => (sort.Order, sort.Descending) == (Order, Descending)).Name;

    /// <summary>Nothing but the order is chosen.</summary>
    public bool IsAny => this with { Order = RecipientOrder.Added, Descending = false } == Any;

    /// <summary>Everything the list depends on, for its cursors.</summary>
    internal string Scope(long campaignId) =>
        string.Create(CultureInfo.InvariantCulture, $"{campaignId}\n{Status?.Name}\n{Text}\n{Variant}\n{LinkId}\n{Sort}");

    /// <summary>Reads <c>?status=&amp;q=&amp;sort=</c>; what it cannot read lands in <paramref name="errors"/> and means any. Variant and link are looked up by the caller.</summary>
    internal static RecipientFilter Read(string? status, string? text, string? sort, Dictionary<string, string[]> errors)
    {
        var filter = Any;
        if (!string.IsNullOrEmpty(status))
        {
            filter = filter with { Status = RecipientStatus.Find(status) };
            if (filter.Status is null)
            {
                errors["status"] = [$"must be one of {string.Join(", ", RecipientStatus.All.Select(known => known.Name))}"];
            }
        }

        if (text?.Trim() is { Length: > 0 } wanted)
        {
            if (wanted.Length > MaxText || wanted.Any(char.IsControl))
            {
                errors["q"] = [$"must be the beginning of an address or a whole customer id, at most {MaxText} characters"];
            }
            else
            {
                filter = filter with { Text = wanted, Order = RecipientOrder.Address };
            }
        }

        if (!string.IsNullOrEmpty(sort))
        {
            var chosen = Sorts.FirstOrDefault(known => known.Name == sort);
            if (chosen.Name is null)
            {
                errors["sort"] = [$"must be one of {string.Join(", ", Sorts.Select(known => known.Name))}"];
            }
            else if (filter.Text is not null && chosen.Order != RecipientOrder.Address)
            {
                errors["sort"] = ["with q the list is by address: email or -email"];
            }
            else
            {
                filter = filter with { Order = chosen.Order, Descending = chosen.Descending };
            }
        }

        return filter;
    }
}
