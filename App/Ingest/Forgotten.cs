using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Ingest;

/// <summary>Tells which events without a known message are about somebody who was erased: those are not kept, or the person would be back by them.</summary>
internal sealed class Forgotten(WriteConnection connection, ErasedPeople erased)
{
    private readonly Statement _erasedAt = connection.Prepare("SELECT erased_at FROM erased_people WHERE hash = ?1");

    // A customer id may be given to somebody new, or to the same person who came back: only what happened before is about the erased one.
    public bool Has(EmailEvent reported) =>
        (reported.CustomerEmail is { } email && ErasedAt(erased.HashOf(EmailAddress.TryParse(email, out var address) ? address.Value : email)) is not null)
        || (reported.CustomerId is { } customer && ErasedAt(erased.HashOfCustomer(customer)) is { } at && reported.OccurredAt.ToUnixTimeMilliseconds() <= at);

    private long? ErasedAt(byte[] hash) => _erasedAt.Bind(1, hash).Scalar();
}
