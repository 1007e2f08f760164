using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>An audience told by a rule. Nobody is stored as its member: the rule is asked.</summary>
public sealed class Segment
{
    public long Id { get; set; }
    public required string Name { get; set; }

    /// <summary>The rule tree as JSON, as the API has it.</summary>
    public required string Rule { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Segment>
    {
        public void Configure(EntityTypeBuilder<Segment> segment) => segment.ToTable("segments");
    }
}

/// <summary>People somebody put together by hand, by import or by a journey.</summary>
public sealed class ContactList
{
    public long Id { get; set; }

    /// <summary>No two lists share one.</summary>
    public required string Name { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ContactList>
    {
        public void Configure(EntityTypeBuilder<ContactList> list) => list.ToTable("lists");
    }
}

/// <summary>A person on a list.</summary>
public sealed class ListMember
{
    public long ListId { get; set; }
    public long ContactId { get; set; }
    public DateTimeOffset AddedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ListMember>
    {
        public void Configure(EntityTypeBuilder<ListMember> member)
        {
            member.ToTable("list_members");
            member.HasKey(m => new { m.ListId, m.ContactId });
        }
    }
}
