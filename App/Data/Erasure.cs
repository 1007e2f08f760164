using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A keyed hash of an address or customer id of somebody who was erased: all that is left to recognise them by.</summary>
public sealed class ErasedPerson
{
    public required byte[] Hash { get; set; }
    public DateTimeOffset ErasedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ErasedPerson>
    {
        public void Configure(EntityTypeBuilder<ErasedPerson> person)
        {
            person.ToTable("erased_people");
            person.HasKey(p => p.Hash);
        }
    }
}

/// <summary>That somebody was erased, when, and on whose word; not who.</summary>
public sealed class Erasure
{
    public long Id { get; set; }
    public long ContactId { get; set; }

    /// <summary>"user 3" or "key 7".</summary>
    public required string RequestedBy { get; set; }
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>Unix milliseconds, 0 while it goes on.</summary>
    public long FinishedAt { get; set; }

    /// <summary>JSON of what is still looked for; "" before it is known and once nothing is left.</summary>
    public required string Traces { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Erasure>
    {
        public void Configure(EntityTypeBuilder<Erasure> erasure) => erasure.ToTable("erasures");
    }
}
